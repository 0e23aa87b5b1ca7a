/** Tensors and the kernels that run over them; backends live in packages of their own. */
@NullMarked
package stream.adasim.compute;

import org.jspecify.annotations.NullMarked;
