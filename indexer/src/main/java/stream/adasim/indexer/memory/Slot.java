package stream.adasim.indexer.memory;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Where one image's vector lies, and what the memory keeps beside it on the heap. */
public final class Slot {
  final String id;
  final long fingerprint;
  final long sequence;
  final int visit;
  private final String source;
  private final @Nullable String label;
  private final long capturedAtMillis;
  final Block block;
  int row;

  Slot(String id, Memory memory, Block block, int row) {
    this.id = id;
    this.fingerprint = memory.fingerprint();
    this.sequence = memory.sequence();
    this.visit = memory.visit();
    // Many images share them: one copy on the heap.
    this.source = memory.origin().source().intern();
    String itsLabel = memory.origin().label();
    this.label = itsLabel == null ? null : itsLabel.intern();
    this.capturedAtMillis = memory.origin().capturedAt().toEpochMilli();
    this.block = block;
    this.row = row;
  }

  public String id() {
    return id;
  }

  public long fingerprint() {
    return fingerprint;
  }

  public String source() {
    return source;
  }

  public @Nullable String label() {
    return label;
  }

  public Instant capturedAt() {
    return Instant.ofEpochMilli(capturedAtMillis);
  }

  /** The value that {@link #Slot} was made of, bit for bit. */
  Memory memory() {
    Memory.Origin origin = new Memory.Origin(source, label, capturedAt());
    return new Memory(fingerprint, block.model(), sequence, visit, origin, block.vector(row));
  }
}
