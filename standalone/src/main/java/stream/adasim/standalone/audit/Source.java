package stream.adasim.standalone.audit;

/** A record of {@code images}. */
record Source(int partition, long offset) {
  /** Whether this is a later record of the same partition. */
  boolean after(Source other) {
    return partition == other.partition && offset > other.offset;
  }

  @Override
  public String toString() {
    return partition + "@" + offset;
  }
}
