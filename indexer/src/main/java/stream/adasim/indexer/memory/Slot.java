package stream.adasim.indexer.memory;

/**
 * Where one image's vector lies, and what the memory keeps beside it on the host. Only what doesn't
 * change is public.
 */
public final class Slot {
  final String id;
  final long fingerprint;
  final long sequence;
  final int visit;
  final Block block;
  int row;

  Slot(String id, Memory memory, Block block, int row) {
    this.id = id;
    this.fingerprint = memory.fingerprint();
    this.sequence = memory.sequence();
    this.visit = memory.visit();
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

  /** The value that {@link #Slot} was made of, bit for bit. */
  Memory memory() {
    return new Memory(fingerprint, block.model(), sequence, visit, block.vector(row));
  }
}
