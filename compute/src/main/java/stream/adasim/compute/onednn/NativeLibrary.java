package stream.adasim.compute.onednn;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.BackendException;

/**
 * oneDNN and the OpenMP that it was built with, from the class path, unpacked once into the user's
 * cache folder. A library of the system's is never taken, and one from the cache only when its
 * checksum is that of the class path's.
 */
@SuppressWarnings("restricted") // loading a library is what this class is for
final class NativeLibrary {
  private static final String FOLDER = "org/bytedeco/dnnl/";

  private NativeLibrary() {}

  /** Whether the class path holds oneDNN for this operating system and processor. */
  static boolean available() {
    return resource(names().getLast()) != null;
  }

  /** This platform in the words of the archive: linux-x86_64, linux-arm64, macosx-arm64, ... */
  static String platform() {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return (system.contains("mac") ? "macosx" : system.contains("win") ? "windows" : system)
        + "-"
        + switch (processor) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64", "arm64" -> "arm64";
          default -> processor;
        };
  }

  /**
   * Loads both for the rest of the process.
   *
   * @throws BackendException if the class path lacks one
   * @throws UncheckedIOException if one cannot be unpacked
   */
  static SymbolLookup load() {
    SymbolLookup loaded = name -> Optional.empty();
    for (String name : names()) {
      // The order matters: oneDNN takes the OpenMP that is there before it.
      Path file = unpacked(name, cache());
      SymbolLookup library = SymbolLookup.libraryLookup(file, Arena.global());
      loaded = library.or(loaded);
    }
    return loaded;
  }

  /** The file of a library in a folder, unpacked if it is not there or is another. */
  static Path unpacked(String name, Path cache) {
    URL packed = resource(name);
    if (packed == null) {
      throw new BackendException(
          "the class path holds no "
              + FOLDER
              + platform()
              + "/"
              + name
              + ": choose the backend nd4j, or build with -P"
              + platform()
              + " -Djavacpp.platform="
              + platform());
    }
    try {
      long checksum = checksum(packed);
      Path folder = cache.resolve(HexFormat.of().toHexDigits(checksum, 8));
      Path file = folder.resolve(name);
      if (!Files.exists(file) || checksum(Files.newInputStream(file)) != checksum) {
        Files.createDirectories(folder);
        // Through a file of its own, so that a start beside this one never sees half a library.
        Path part = Files.createTempFile(folder, name, ".part");
        try (InputStream in = packed.openStream()) {
          Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "oneDNN's "
              + name
              + " cannot be unpacked into "
              + cache
              + ": make room there, or set XDG_CACHE_HOME to a folder that can be written",
          e);
    }
  }

  private static Path cache() {
    String set = System.getenv("XDG_CACHE_HOME");
    Path home =
        set == null || set.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(set);
    return home.resolve("adasim-stream");
  }

  /** The files of OpenMP and of oneDNN on this platform, in the order in which they are loaded. */
  static List<String> names() {
    return switch (platform()) {
      case "macosx-x86_64" -> List.of("libiomp5.dylib", "libdnnl.3.dylib");
      case "macosx-arm64" -> List.of("libomp.dylib", "libdnnl.3.dylib");
      default -> List.of("libgomp.so.1", "libdnnl.so.3");
    };
  }

  private static @Nullable URL resource(String name) {
    return NativeLibrary.class.getClassLoader().getResource(FOLDER + platform() + "/" + name);
  }

  /** An archive's directory knows it, which spares inflating 90 MB at every start. */
  private static long checksum(URL packed) throws IOException {
    return packed.openConnection() instanceof JarURLConnection archive
        ? archive.getJarEntry().getCrc()
        : checksum(packed.openStream());
  }

  private static long checksum(InputStream stream) throws IOException {
    try (CheckedInputStream in = new CheckedInputStream(stream, new CRC32())) {
      in.transferTo(OutputStream.nullOutputStream());
      return in.getChecksum().getValue();
    }
  }
}
