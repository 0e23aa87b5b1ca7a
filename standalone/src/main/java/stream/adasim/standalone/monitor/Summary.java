package stream.adasim.standalone.monitor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.TrainingProgress;

/**
 * A run in numbers, as a JSON file. What was not measured is null: training where no step was done,
 * accuracies where images carry no labels.
 *
 * @param seconds since the monitor started
 * @param secondsToFirstEmbedding until the first embedding was seen
 * @param steps optimiser steps by the model in training
 * @param imagesPerSecond images trained on per second between the first and the newest progress
 * @param firstLoss loss of the oldest progress, nats
 * @param loss of the newest progress, nats
 * @param modelVersion newest published snapshot
 * @param knnAccuracy leave-one-out, k = 20, temperature 0.07, within 0..1
 * @param rawPixelKnnAccuracy the same of the pixels themselves
 */
public record Summary(
    long images,
    long embeddings,
    long deadLetters,
    long deleted,
    double seconds,
    @Nullable Double secondsToFirstEmbedding,
    @Nullable Long steps,
    @Nullable Double imagesPerSecond,
    @Nullable Double firstLoss,
    @Nullable Double loss,
    @Nullable Double gateRate,
    @Nullable Double bootstrappedShare,
    @Nullable Long modelVersion,
    KnnAccuracy knnAccuracy,
    @Nullable Double rawPixelKnnAccuracy) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * Accuracies within 0..1.
   *
   * @param untrained of the vectors of model version 0
   * @param trained of the current embeddings
   * @param untrainedImages how many vectors were compared for the first
   * @param finalImages how many for the second
   * @param finalModelVersion the version that the current embeddings compared come from
   */
  public record KnnAccuracy(
      @Nullable Double untrained,
      @JsonProperty("final") @Nullable Double trained,
      int untrainedImages,
      int finalImages,
      @Nullable Long finalModelVersion) {}

  /** Sums up a status with the accuracies of the published embeddings that it carries. */
  public static Summary of(Status status, @Nullable Double rawPixelKnnAccuracy) {
    return of(status, accuracies(status.untrained(), status.accuracy()), rawPixelKnnAccuracy);
  }

  /** Sums up a status with accuracies that were measured elsewhere. */
  public static Summary of(
      Status status, KnnAccuracy knnAccuracy, @Nullable Double rawPixelKnnAccuracy) {
    TrainingProgress first = status.firstProgress();
    TrainingProgress last = status.progress();
    Duration wait = status.firstEmbedding();
    return new Summary(
        status.images(),
        status.embeddings(),
        status.deadLetters(),
        status.deleted(),
        seconds(status.elapsed()),
        wait == null ? null : seconds(wait),
        last == null ? null : last.getStep(),
        first == null || last == null ? null : throughput(first, last),
        first == null ? null : first.getLoss(),
        last == null ? null : last.getLoss(),
        last == null ? null : last.getGateRate(),
        last == null ? null : last.getBootstrappedShare(),
        last == null ? null : last.getModelVersion(),
        knnAccuracy,
        rawPixelKnnAccuracy);
  }

  /** The JSON text, indented. */
  public String toJson() throws IOException {
    return JSON.writeValueAsString(this);
  }

  /** Writes the JSON to a file; an existing one is replaced. */
  public void write(Path file) throws IOException {
    Files.writeString(file, toJson() + System.lineSeparator());
  }

  private static KnnAccuracy accuracies(@Nullable Accuracy untrained, @Nullable Accuracy current) {
    return new KnnAccuracy(
        untrained == null ? null : untrained.value(),
        current == null ? null : current.value(),
        untrained == null ? 0 : untrained.images(),
        current == null ? 0 : current.images(),
        current == null ? null : current.modelVersion());
  }

  private static double throughput(TrainingProgress first, TrainingProgress last) {
    double seconds = seconds(Duration.between(first.getAt(), last.getAt()));
    return seconds > 0
        ? (last.getVisits() - first.getVisits()) / seconds
        : last.getImagesPerSecond();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
