/** Experiments: many trainings without Kafka, compared. */
@NullMarked
package stream.adasim.standalone.experiment;

import org.jspecify.annotations.NullMarked;
