package stream.adasim.ingest.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/** Where the entries of an uncompressed tar lie. */
final class TarIndex implements ArchiveIndex {

  /** A file's bytes from offset on; offset -1: a link or a sparse file, which holds no bytes. */
  private record Slot(EntryName name, long offset, long size, @Nullable Instant modified) {}

  private final FileChannel tar;
  private final List<Slot> slots;

  private TarIndex(FileChannel tar, List<Slot> slots) {
    this.tar = tar;
    this.slots = slots;
  }

  static TarIndex open(Path path) throws IOException {
    var slots = new ArrayList<Slot>();
    // TarFile keeps much more for each entry than is needed, so it lives only while it is read.
    try (TarFile file = new TarFile(path)) {
      for (TarArchiveEntry entry : file.getEntries()) {
        if (!entry.isDirectory()) {
          boolean plain = StreamedArchive.plain(entry);
          slots.add(
              new Slot(
                  EntryName.ofEntry(entry.getName()),
                  plain ? entry.getDataOffset() : -1,
                  entry.getSize(),
                  StreamedArchive.modified(entry)));
        }
      }
    }
    return new TarIndex(FileChannel.open(path), slots);
  }

  @Override
  public int count() {
    return slots.size();
  }

  @Override
  public EntryName name(int entry) {
    return slots.get(entry).name;
  }

  @Override
  public Item read(int entry, Reading reading) {
    Slot slot = slots.get(entry);
    return slot.offset < 0
        ? new Skipped(reading.id(slot.name))
        : reading.read(slot.name, slot.size, slot.modified, () -> content(slot));
  }

  private InputStream content(Slot slot) throws IOException {
    InputStream in = Channels.newInputStream(tar.position(slot.offset));
    byte[] bytes = in.readNBytes((int) slot.size); // Reading has compared it with image.max-bytes
    if (bytes.length < slot.size) {
      throw new IOException(
          "the archive ends after " + bytes.length + " of " + slot.size + " bytes");
    }
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
