/** Trains without end on a replay window of the images topic. */
@NullMarked
package stream.adasim.learner.trainer;

import org.jspecify.annotations.NullMarked;
