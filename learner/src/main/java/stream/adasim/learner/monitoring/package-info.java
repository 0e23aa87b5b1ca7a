/** Health and numbers of a learner over HTTP. */
@NullMarked
package stream.adasim.learner.monitoring;

import org.jspecify.annotations.NullMarked;
