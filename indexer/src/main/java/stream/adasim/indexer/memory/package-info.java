/** The vectors and the exact search over them; a Kafka Streams store for each partition of them. */
@NullMarked
package stream.adasim.indexer.memory;

import org.jspecify.annotations.NullMarked;
