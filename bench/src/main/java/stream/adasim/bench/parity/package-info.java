/** Many steps beside PyTorch, on the same batches from the same weights: the same numbers? */
@NullMarked
package stream.adasim.bench.parity;

import org.jspecify.annotations.NullMarked;
