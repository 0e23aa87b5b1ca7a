/** Embeds the clean view of every arrival with the newest snapshot. */
@NullMarked
package stream.adasim.learner.embedder;

import org.jspecify.annotations.NullMarked;
