package stream.adasim.ingest.source;

import java.io.Closeable;

/** The files in an archive that can be read in any order; directories are left out. */
interface ArchiveIndex extends Closeable {
  int count();

  EntryName name(int entry);

  Item read(int entry, Reading reading);
}
