package stream.adasim.ingest.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** The central directory of a zip. */
final class ZipIndex implements ArchiveIndex {
  private final ZipFile zip;
  private final List<ZipArchiveEntry> entries;

  private ZipIndex(ZipFile zip, List<ZipArchiveEntry> entries) {
    this.zip = zip;
    this.entries = entries;
  }

  static ZipIndex open(Path path) throws IOException {
    ZipFile zip = ZipFile.builder().setPath(path).get();
    var entries = new ArrayList<ZipArchiveEntry>();
    for (ZipArchiveEntry entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
      if (!entry.isDirectory()) {
        entries.add(entry);
      }
    }
    return new ZipIndex(zip, entries);
  }

  @Override
  public int count() {
    return entries.size();
  }

  @Override
  public EntryName name(int entry) {
    return EntryName.ofEntry(entries.get(entry).getName());
  }

  @Override
  public Item read(int entry, Reading reading) {
    ZipArchiveEntry found = entries.get(entry);
    return found.isUnixSymlink()
        ? new Skipped(reading.id(name(entry)))
        : reading.read(
            name(entry), found.getSize(), StreamedArchive.modified(found), () -> content(found));
  }

  private InputStream content(ZipArchiveEntry entry) throws IOException {
    if (!zip.canReadEntryData(entry)) {
      throw new IOException("encrypted, or compressed by a method that is not supported");
    }
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      // Reading has compared the size with image.max-bytes; one byte more shows that it is a lie.
      bytes = in.readNBytes((int) entry.getSize() + 1);
    }
    var checksum = new CRC32();
    checksum.update(bytes);
    if (bytes.length != entry.getSize() || checksum.getValue() != entry.getCrc()) {
      throw new IOException("the archive entry is broken: its size or checksum does not fit");
    }
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
