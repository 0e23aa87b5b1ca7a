/** The networks: flat parameters, vision transformer, heads; forward and backward. */
@NullMarked
package stream.adasim.learner.network;

import org.jspecify.annotations.NullMarked;
