/** The learner's settings. */
@NullMarked
package stream.adasim.learner.settings;

import org.jspecify.annotations.NullMarked;
