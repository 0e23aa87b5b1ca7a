package stream.adasim.standalone.monitor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.TrainingProgress;

/**
 * What the topics say at one moment.
 *
 * @param elapsed since the monitor started
 * @param images distinct ids of images that were sent and not deleted
 * @param imageRecords all records of {@code images}: repetitions, replacements and deletions too
 * @param embeddings distinct ids with a current embedding
 * @param deadLetters records of {@code images.dead-letter}
 * @param deleted distinct ids whose newest record on {@code images} deletes them
 * @param arrivalsPerSecond records read from {@code images} per second, over the last 10 seconds
 * @param firstProgress the oldest record of {@code training-progress}; not to be changed
 * @param progress the newest one; not to be changed
 * @param untrained accuracy of the vectors of model version 0, current or not
 * @param accuracy accuracy of the current embeddings of the newest version that has many of them
 * @param firstEmbedding when the first embedding was seen, since the monitor started
 */
public record Status(
    Duration elapsed,
    long images,
    long imageRecords,
    long embeddings,
    long deadLetters,
    long deleted,
    double arrivalsPerSecond,
    @Nullable TrainingProgress firstProgress,
    @Nullable TrainingProgress progress,
    @Nullable Accuracy untrained,
    @Nullable Accuracy accuracy,
    @Nullable Duration firstEmbedding) {

  /** Before anything was read. */
  static Status empty() {
    return new Status(Duration.ZERO, 0, 0, 0, 0, 0, 0, null, null, null, null, null);
  }
}
