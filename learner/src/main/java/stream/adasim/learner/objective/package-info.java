/** Learning without labels: objectives, student, teacher, schedules and optimiser. */
@NullMarked
package stream.adasim.learner.objective;

import org.jspecify.annotations.NullMarked;
