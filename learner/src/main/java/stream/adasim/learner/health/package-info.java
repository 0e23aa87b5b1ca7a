/** How good the latent space is, whether it collapses, and what is done about that. */
@NullMarked
package stream.adasim.learner.health;

import org.jspecify.annotations.NullMarked;
