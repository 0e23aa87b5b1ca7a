/** The neighbour memory: representations to neighbours and embeddings, as a Streams application. */
@NullMarked
package stream.adasim.indexer;

import org.jspecify.annotations.NullMarked;
