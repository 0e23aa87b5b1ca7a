package stream.adasim.learner.trainer;

import java.time.Duration;
import java.time.Instant;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.learner.health.Geometry;
import stream.adasim.learner.objective.StepResult;

/** Adds up what happened since the record before. Not thread-safe. */
final class Progress {
  private final int batchSize;
  private final int dim;
  private Instant since;
  private int steps;
  private double loss;
  private double teacherEntropy;
  private double batchEntropy;
  private double gradientNorm;
  private double featureStd;
  private long gatesOpen;
  private long bootstrapped;
  private long neighbourhoods;
  private long selfRankOne;
  private Duration waited = Duration.ZERO;
  private Duration waitedForBatches = Duration.ZERO;
  private long decodings;
  private long healthNanos;

  Progress(int batchSize, int dim, Instant now) {
    this.batchSize = batchSize;
    this.dim = dim;
    since = now;
  }

  /**
   * Counts a step.
   *
   * @param forBatch how long the trainer waited for decoded and augmented images
   * @param wait that, and how long it then waited for its turn on the device
   * @param decodings images that were decoded for the step
   */
  void stepped(Outcome outcome, Duration forBatch, Duration wait, int decodings) {
    steps++;
    StepResult result = outcome.result();
    loss += result.loss();
    teacherEntropy += result.teacherEntropy();
    batchEntropy += result.batchEntropy();
    gradientNorm += result.gradientNorm();
    featureStd += Geometry.featureStd(result.firstFeatures(), batchSize, dim);
    gatesOpen += outcome.gatesOpen();
    bootstrapped += outcome.bootstrapped();
    waited = waited.plus(wait);
    waitedForBatches = waitedForBatches.plus(forBatch);
    this.decodings += decodings;
  }

  void received(Neighbourhood neighbourhood) {
    neighbourhoods++;
    selfRankOne += neighbourhood.getSelfRankOne() ? 1 : 0;
  }

  boolean due(Instant now, Duration every) {
    return steps > 0 && Duration.between(since, now).compareTo(every) >= 0;
  }

  /** The averages since the last call; starts anew. */
  TrainingProgress take(
      Instant now, Training training, long version, StepResult newest, double temperature) {
    double seconds = Math.max(1e-3, Duration.between(since, now).toNanos() / 1e9);
    double images = (double) steps * batchSize;
    TrainingProgress progress =
        TrainingProgress.newBuilder()
            .setAt(now)
            .setModelId(training.modelId())
            .setModelVersion(version)
            .setStep(training.step())
            .setVisits(training.step() * batchSize)
            .setPasses(training.window().passes())
            .setLoss(loss / steps)
            .setTeacherEntropy(teacherEntropy / steps)
            .setBatchEntropy(batchEntropy / steps)
            .setMaxEntropy(training.maxEntropy())
            .setGateRate(gatesOpen / images)
            .setBootstrappedShare(bootstrapped / images)
            .setSelfRankOne(neighbourhoods == 0 ? 0 : (double) selfRankOne / neighbourhoods)
            .setTemperature(temperature)
            .setFeatureStd(featureStd / steps)
            .setLearningRate(newest.learningRate())
            .setWeightDecay(newest.weightDecay())
            .setMomentum(newest.momentum())
            .setGradientNorm(gradientNorm / steps)
            .setImagesPerSecond(images / seconds)
            .setWaitShare(waited.toNanos() / 1e9 / seconds)
            .setBatchWaitMillis(waitedForBatches.toNanos() / 1e6 / steps)
            .setDecodedShare(decodings / (images + bootstrapped))
            .setWindowImages(training.window().size())
            .setWindowBytes(training.window().bytes())
            .setHealthShare((training.health().spentNanos() - healthNanos) / 1e9 / seconds)
            .build();
    training.health().report(progress);
    healthNanos = training.health().spentNanos();
    since = now;
    steps = 0;
    loss = teacherEntropy = batchEntropy = gradientNorm = featureStd = 0;
    gatesOpen = bootstrapped = neighbourhoods = selfRankOne = 0;
    waited = waitedForBatches = Duration.ZERO;
    decodings = 0;
    return progress;
  }
}
