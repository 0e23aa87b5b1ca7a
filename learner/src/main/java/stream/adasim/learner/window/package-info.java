/** The bounded replay of images that training passes over. */
@NullMarked
package stream.adasim.learner.window;

import org.jspecify.annotations.NullMarked;
