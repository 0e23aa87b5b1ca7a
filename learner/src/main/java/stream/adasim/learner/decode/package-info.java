/** From encoded bytes to pixels, or to the reason why not. */
@NullMarked
package stream.adasim.learner.decode;

import org.jspecify.annotations.NullMarked;
