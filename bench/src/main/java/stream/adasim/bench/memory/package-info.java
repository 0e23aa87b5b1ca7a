/** The neighbour memory as the stream uses it: through a broker. */
@NullMarked
package stream.adasim.bench.memory;

import org.jspecify.annotations.NullMarked;
