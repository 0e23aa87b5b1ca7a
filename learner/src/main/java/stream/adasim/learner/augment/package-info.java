/** From pixels to the clean, weak and training views that networks read. */
@NullMarked
package stream.adasim.learner.augment;

import org.jspecify.annotations.NullMarked;
