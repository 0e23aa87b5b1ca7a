package stream.adasim.ingest.source;

/** The order in which a source is read. */
public sealed interface Order {

  /** As it is stored: archives front to back, folders by name. */
  record AsStored() implements Order {}

  /** Shuffled; the same seed over the same source gives the same order. */
  record Shuffled(long seed) implements Order {}
}
