package stream.adasim.indexer;

/**
 * An image had to leave the memory.
 *
 * @param model hash of the model of the vector that left
 * @param visit the visit that had written it
 */
record Evicted(long model, int visit) implements Answer {}
