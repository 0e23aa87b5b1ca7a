package stream.adasim.indexer.memory;

/** Where one image's vector lies, and what the memory keeps beside it on the host. */
final class Slot {
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

  /** The value that {@link #Slot} was made of, bit for bit. */
  Memory memory() {
    return new Memory(fingerprint, block.model(), sequence, visit, block.vector(row));
  }
}
