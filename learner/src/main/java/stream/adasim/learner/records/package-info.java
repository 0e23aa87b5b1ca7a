/** Records of the learner's topics: images read, representations and dead letters written. */
@NullMarked
package stream.adasim.learner.records;

import org.jspecify.annotations.NullMarked;
