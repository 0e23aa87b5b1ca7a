/** How fresh embeddings are while training runs. */
@NullMarked
package stream.adasim.bench.freshness;

import org.jspecify.annotations.NullMarked;
