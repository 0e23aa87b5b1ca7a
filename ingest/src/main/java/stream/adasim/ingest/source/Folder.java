package stream.adasim.ingest.source;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * All files below a folder, links followed, hidden folders left out. Stored order is the order of
 * the file names' bytes. The label is the name of the folder that a file lies in, unless that is
 * the root. Ids are {@code root's name/relative path}.
 */
public record Folder(Path root, int maxBytes) implements Source {

  /** What a walk found: folders, files in stored order, and what could not be entered. */
  record Listing(List<Path> folders, List<Path> files, List<Item> unreadable) {}

  @Override
  public String name() {
    Path name = root.toAbsolutePath().normalize().getFileName();
    return name == null ? "root" : EntryName.ofPath(name).path(); // "/" has no name
  }

  @Override
  public OptionalLong count() {
    Listing listing = list(root);
    return OptionalLong.of(listing.files.size() + listing.unreadable.size());
  }

  @Override
  public Items items(Order order) {
    Listing listing = list(root);
    int files = listing.files.size();
    return new IndexedItems(
        files + listing.unreadable.size(),
        order,
        i -> i < files ? read(listing.files.get(i)) : listing.unreadable.get(i - files),
        () -> {});
  }

  /** Reads one file below the root. */
  Item read(Path file) {
    return new Reading(name(), name() + "/", maxBytes).read(entryName(file), file);
  }

  EntryName entryName(Path file) {
    return EntryName.ofPath(root.relativize(file));
  }

  /** Lists a folder that is the root or lies below it. */
  Listing list(Path folder) {
    var folders = new ArrayList<Path>();
    var files = new ArrayList<Path>();
    var unreadable = new ArrayList<Item>();
    var visitor =
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            if (!dir.equals(root) && entryName(dir).hidden()) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            folders.add(dir);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            files.add(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            unreadable.add(new Unreadable(name() + "/" + entryName(file).path(), Reading.why(e)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e) {
            if (e != null) {
              unreadable.add(new Unreadable(name() + "/" + entryName(dir).path(), Reading.why(e)));
            }
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(
          folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, visitor);
    } catch (IOException e) {
      unreadable.add(new Unreadable(name() + "/" + entryName(folder).path(), Reading.why(e)));
    }
    Collections.sort(files);
    return new Listing(folders, files, unreadable);
  }
}
