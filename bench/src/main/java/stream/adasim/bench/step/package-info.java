/** The training step and bare embedding, beside PyTorch doing the same in the same minutes. */
@NullMarked
package stream.adasim.bench.step;

import org.jspecify.annotations.NullMarked;
