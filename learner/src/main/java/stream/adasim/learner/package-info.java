/** The learner: embeds arrivals and trains on a replay window. */
@NullMarked
package stream.adasim.learner;

import org.jspecify.annotations.NullMarked;
