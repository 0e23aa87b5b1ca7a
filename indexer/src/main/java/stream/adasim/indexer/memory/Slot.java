package stream.adasim.indexer.memory;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where one image's vector lies, and what the memory keeps beside it on the heap. Only what doesn't
 * change is public.
 */
public final class Slot {
  private static final int UNKNOWN = -1;

  final String id;
  final long fingerprint;
  final long sequence;
  final int visit;
  private final String source;
  private final @Nullable String label;
  private final long capturedAtMillis;
  final Block block;
  int row;

  /** How many votes of others have named it since it was written; guarded by the bank. */
  private int named;

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

  /** The image's. */
  public String id() {
    return id;
  }

  /** Of the content that the vector was made of. */
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

  /** Rises with every write of a partition. */
  public long sequence() {
    return sequence;
  }

  /** Number of the visit that wrote the vector. */
  public int visit() {
    return visit;
  }

  /** The model that made the vector, as {@link Model#hash} names it. */
  public long model() {
    return block.model();
  }

  void name() {
    if (named != UNKNOWN) {
      named++;
    }
  }

  /** A slot that was restored may have been named before. */
  void forgetNames() {
    named = UNKNOWN;
  }

  void named(@Nullable Integer votes) {
    named = votes == null ? UNKNOWN : votes;
  }

  @Nullable Integer named() {
    return named == UNKNOWN ? null : named;
  }

  /** The value that {@link #Slot} was made of, bit for bit. */
  Memory memory() {
    Memory.Origin origin = new Memory.Origin(source, label, capturedAt());
    return new Memory(fingerprint, block.model(), sequence, visit, origin, block.vector(row));
  }
}
