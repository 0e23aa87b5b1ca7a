/** Reading and writing files of named tensors in the safetensors format. */
@NullMarked
package stream.adasim.learner.safetensors;

import org.jspecify.annotations.NullMarked;
