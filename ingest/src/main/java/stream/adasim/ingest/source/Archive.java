package stream.adasim.ingest.source;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;

/**
 * A tar or zip archive, read in place. Ids are {@code file name!/entry path}; the label is the name
 * of the folder that an entry lies in.
 *
 * <p>A plain tar and a zip are read through an index of their entries, so that they shuffle fully.
 * A compressed tar, and an archive whose index is broken, is read front to back as far as it goes,
 * and is shuffled through a buffer of {@value ShuffleBuffer#ITEMS} items or 64 MiB.
 */
public record Archive(Path path, Format format, int maxBytes) implements Source {

  /** How the archive is packed. */
  public enum Format {
    TAR,
    TAR_GZ,
    ZIP
  }

  @Override
  public String name() {
    return EntryName.ofPath(path.toAbsolutePath().getFileName()).path();
  }

  @Override
  public OptionalLong count() {
    try (ArchiveIndex index = index()) {
      return OptionalLong.of(index.count());
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  @Override
  public Items items(Order order) {
    try {
      ArchiveIndex index = index();
      boolean[] superseded = superseded(index);
      return new IndexedItems(
          index.count(),
          order,
          i -> {
            Reading reading = reading();
            EntryName name = index.name(i);
            return superseded[i] ? new Skipped(reading.id(name)) : index.read(i, reading);
          },
          index);
    } catch (IOException _) {
      return frontToBack(order);
    }
  }

  /** An archive may hold a name twice; as when it is unpacked, the last one counts. */
  private static boolean[] superseded(ArchiveIndex index) {
    var seen = new HashSet<EntryName>();
    boolean[] superseded = new boolean[index.count()];
    for (int i = index.count() - 1; i >= 0; i--) {
      superseded[i] = !seen.add(index.name(i));
    }
    return superseded;
  }

  private ArchiveIndex index() throws IOException {
    return switch (format) {
      case TAR -> filled(TarIndex.open(path));
      case ZIP -> filled(ZipIndex.open(path));
      case TAR_GZ -> throw new IOException("a compressed tar has no index");
    };
  }

  private static ArchiveIndex filled(ArchiveIndex index) throws IOException {
    if (index.count() == 0) {
      index.close();
      throw new IOException("the index is empty");
    }
    return index;
  }

  private Items frontToBack(Order order) {
    try {
      InputStream file = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
      var items =
          new StreamedArchive(
              name(),
              reading(),
              switch (format) {
                case TAR -> new TarArchiveInputStream(file);
                case TAR_GZ -> new TarArchiveInputStream(new GZIPInputStream(file, 1 << 16));
                case ZIP -> new ZipArchiveInputStream(file, "UTF-8", true, true);
              });
      return switch (order) {
        case Order.AsStored() -> items;
        case Order.Shuffled(long seed) -> new ShuffleBuffer(items, seed);
      };
    } catch (IOException e) {
      return new FixedItems(new Unreadable(name(), Reading.why(e)));
    }
  }

  private Reading reading() {
    return new Reading(name(), name() + "!/", maxBytes);
  }
}
