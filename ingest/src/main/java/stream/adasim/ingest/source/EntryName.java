package stream.adasim.ingest.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * A name inside a source, fit for an id: segments separated by single slashes, no empty segment, no
 * "." and no control character; ".." is kept visible as {@code %2E%2E}.
 */
record EntryName(String path) {
  private static final Set<String> IMAGE_EXTENSIONS =
      Set.of("jpg", "jpeg", "jpe", "png", "gif", "bmp", "webp", "tif", "tiff");
  private static final Set<String> OTHER_EXTENSIONS =
      Set.of(
          "csv",
          "tsv",
          "txt",
          "md",
          "rst",
          "json",
          "jsonl",
          "xml",
          "yaml",
          "yml",
          "html",
          "htm",
          "pdf",
          "log",
          "ini",
          "toml",
          "py",
          "ipynb",
          "sh",
          "md5",
          "sha1",
          "sha256",
          "sha512",
          "asc",
          "sig",
          "db",
          "tmp",
          "part",
          "crdownload");
  private static final List<String> OTHER_NAMES =
      List.of(
          "readme",
          "license",
          "licence",
          "copying",
          "notice",
          "changelog",
          "authors",
          "citation",
          "md5sums",
          "sha1sums",
          "sha256sums",
          "sha512sums",
          "checksums",
          "makefile");

  /** A name as an archive holds it; both kinds of slash separate. */
  static EntryName ofEntry(String raw) {
    var clean = new StringJoiner("/");
    for (String segment : raw.replace('\\', '/').split("/", -1)) {
      if (!segment.isEmpty() && !segment.equals(".")) {
        clean.add(segment.equals("..") ? "%2E%2E" : visible(segment));
      }
    }
    return new EntryName(clean.length() == 0 ? "%00" : clean.toString());
  }

  /**
   * A file's path as it was given or relative to a folder; only separators of this system count.
   */
  static EntryName ofPath(Path path) {
    var clean = new StringJoiner("/");
    for (Path segment : path.normalize()) {
      String name = segment.toString();
      clean.add(name.equals("..") ? "%2E%2E" : visible(name));
    }
    return new EntryName(clean.toString());
  }

  /** The folder that the file lies in, or null at the top. */
  @Nullable String label() {
    int end = path.lastIndexOf('/');
    return end < 0 ? null : path.substring(path.lastIndexOf('/', end - 1) + 1, end);
  }

  boolean hidden() {
    return path.startsWith(".") || path.contains("/.") || path.startsWith("__MACOSX/");
  }

  /** Whether the name alone says that this is no image, so that it needs no mention. */
  boolean plainlyNoImage() {
    String base = path.substring(path.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    String extension = base.substring(base.lastIndexOf('.') + 1);
    if (IMAGE_EXTENSIONS.contains(extension)) {
      return false;
    }
    return OTHER_EXTENSIONS.contains(extension) || OTHER_NAMES.stream().anyMatch(base::startsWith);
  }

  private static String visible(String segment) {
    if (segment.chars().noneMatch(Character::isISOControl)) {
      return segment;
    }
    var out = new StringBuilder();
    segment
        .chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                out.append(String.format(Locale.ROOT, "%%%02X", c));
              } else {
                out.append((char) c);
              }
            });
    return out.toString();
  }
}
