/** Partner choice: which image's view an image is trained against. */
@NullMarked
package stream.adasim.learner.adasim;

import org.jspecify.annotations.NullMarked;
