/** Self-distillation without labels: student, teacher, centre, schedules and optimiser. */
@NullMarked
package stream.adasim.learner.dino;

import org.jspecify.annotations.NullMarked;
