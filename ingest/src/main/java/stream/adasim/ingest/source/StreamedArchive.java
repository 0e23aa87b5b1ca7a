package stream.adasim.ingest.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.jspecify.annotations.Nullable;

/**
 * An archive read front to back. Where it breaks, the entry that broke (or the archive, between
 * entries) is named, and what lies behind the break is out of reach.
 */
final class StreamedArchive implements Items {
  private final String name;
  private final Reading reading;
  private final ArchiveInputStream<? extends ArchiveEntry> archive;
  private boolean found;
  private boolean ended;

  StreamedArchive(
      String name, Reading reading, ArchiveInputStream<? extends ArchiveEntry> archive) {
    this.name = name;
    this.reading = reading;
    this.archive = archive;
  }

  @Override
  public @Nullable Item next() {
    if (ended) {
      return null;
    }
    try {
      ArchiveEntry entry = archive.getNextEntry();
      while (entry != null && entry.isDirectory()) {
        entry = archive.getNextEntry();
      }
      if (entry == null) {
        ended = true;
        // What is no tar at all looks like an empty one.
        return found ? null : new Unreadable(name, "holds no files: is it an archive?");
      }
      found = true;
      return read(entry);
    } catch (IOException e) {
      ended = true;
      return new Unreadable(name, "breaks off: " + Reading.why(e));
    }
  }

  private Item read(ArchiveEntry entry) {
    EntryName entryName = EntryName.ofEntry(entry.getName());
    if (!(entry instanceof TarArchiveEntry tar ? plain(tar) : archive.canReadEntryData(entry))) {
      return new Skipped(reading.id(entryName));
    }
    return reading.read(entryName, entry.getSize(), modified(entry), Entry::new);
  }

  static boolean plain(TarArchiveEntry entry) {
    return entry.isFile() && !entry.isLink() && !entry.isSymbolicLink() && !entry.isSparse();
  }

  /** The entry's time; packs made to be reproducible hold zero, which says nothing. */
  static @Nullable Instant modified(ArchiveEntry entry) {
    Instant time = entry.getLastModifiedDate().toInstant();
    return time.toEpochMilli() <= 0 ? null : time;
  }

  @Override
  public void close() {
    try {
      archive.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The bytes of the current entry: closing it leaves the archive open; a break ends it. */
  private final class Entry extends FilterInputStream {
    Entry() {
      super(archive);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return in.read(into, offset, length);
      } catch (IOException e) {
        ended = true;
        throw new IOException("the archive breaks off here: " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {}
  }
}
