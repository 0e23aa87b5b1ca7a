/** Snapshots of the teacher, to and from the models topic. */
@NullMarked
package stream.adasim.learner.models;

import org.jspecify.annotations.NullMarked;
