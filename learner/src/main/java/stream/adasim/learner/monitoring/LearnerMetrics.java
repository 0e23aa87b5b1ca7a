package stream.adasim.learner.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.TrainingProgress;

/**
 * The numbers of a learner. Those of training are the newest record of {@code training-progress};
 * while this learner does not train they have no value (NaN). Thread-safe.
 */
public final class LearnerMetrics {
  private static final Duration[] FRESHNESS = {
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
    Duration.ofMinutes(30)
  };

  private final MeterRegistry registry;
  private final boolean seen;
  private final InstantSource clock;
  private final Counter embedded;
  private final Counter deadLettered;
  private final Counter deleted;
  private final Counter swept;
  private final Timer freshness;
  private volatile boolean training;
  private volatile @Nullable TrainingProgress newest;
  private volatile @Nullable Instant checkpointed;

  /** Numbers that a registry shows. */
  public LearnerMetrics(MeterRegistry registry, InstantSource clock) {
    this(registry, true, clock);
  }

  private LearnerMetrics(MeterRegistry registry, boolean seen, InstantSource clock) {
    this.registry = registry;
    this.seen = seen;
    this.clock = clock;
    embedded = records("embedded");
    deadLettered = records("dead-lettered");
    deleted = records("deleted");
    swept =
        Counter.builder("adasim.learner.images.swept")
            .description("Images embedded again because the model had moved")
            .register(registry);
    freshness =
        Timer.builder("adasim.learner.freshness")
            .description("From an image's capture to its acknowledged embedding")
            .serviceLevelObjectives(FRESHNESS)
            .register(registry);
    Gauge.builder("adasim.learner.training.active", this, m -> m.training ? 1 : 0)
        .description("1 while this learner holds the training lease")
        .register(registry);
    Gauge.builder("adasim.learner.checkpoint.age", this, LearnerMetrics::checkpointAge)
        .baseUnit("seconds")
        .description("Since the newest checkpoint was written, or training began")
        .register(registry);
    training();
    health();
  }

  /** Numbers that nobody sees, for a learner without HTTP. */
  public static LearnerMetrics unseen(InstantSource clock) {
    return new LearnerMetrics(new CompositeMeterRegistry(), false, clock);
  }

  private Counter records(String outcome) {
    return Counter.builder("adasim.learner.arrivals")
        .description("Records of images by what became of them")
        .tag("outcome", outcome)
        .register(registry);
  }

  private void training() {
    gauge("step", "", "Optimiser steps of the model so far", TrainingProgress::getStep);
    gauge("loss", "nats", "Mean loss", TrainingProgress::getLoss);
    gauge(
        "entropy.teacher",
        "nats",
        "Mean entropy of the teacher's prototype distribution per image",
        TrainingProgress::getTeacherEntropy);
    gauge(
        "entropy.batch",
        "nats",
        "Entropy of the batch's mean teacher distribution; near 0 is collapse",
        TrainingProgress::getBatchEntropy);
    gauge("entropy.max", "nats", "The largest either can be", TrainingProgress::getMaxEntropy);
    gauge(
        "feature.spread",
        "",
        "Spread of unit features over a batch; near 0 is collapse, 1 is even",
        TrainingProgress::getFeatureStd);
    gauge(
        "gate.open",
        "ratio",
        "Share of trained images whose gate was open",
        TrainingProgress::getGateRate);
    gauge(
        "bootstrapped",
        "ratio",
        "Share of trained images whose partner was another image",
        TrainingProgress::getBootstrappedShare);
    gauge("temperature", "", "Of the partner choice", TrainingProgress::getTemperature);
    gauge("model.version", "", "The newest snapshot", TrainingProgress::getModelVersion);
    gauge("window.images", "", "Images in the replay window", TrainingProgress::getWindowImages);
    gauge(
        "window", "bytes", "Encoded bytes in the replay window", TrainingProgress::getWindowBytes);
    gauge(
        "images.per.second",
        "",
        "Images trained on per second of wall clock",
        TrainingProgress::getImagesPerSecond);
  }

  private void health() {
    gauge(
        "health.alarms",
        "",
        "Alarms that the newest mini-epoch raised about the latent space",
        progress -> progress.getAlarms().size());
    gauge(
        "health",
        "ratio",
        "Share of the time that measuring the latent space takes",
        TrainingProgress::getHealthShare);
    gauge(
        "quality",
        "ratio",
        "Of the latent space; its worst part dominates",
        progress -> known(progress.getQuality()));
    gauge(
        "rank",
        "",
        "RankMe: effective number of dimensions that features use",
        progress -> known(progress.getRankMe()));
    gauge(
        "votes.agreement",
        "ratio",
        "Overlap of two votes in a row of the same image",
        progress -> known(progress.getVoteAgreement()));
    gauge(
        "hubs",
        "ratio",
        "Share of votes that name one of the 1 % of the images that are named most",
        progress -> known(progress.getHubShare()));
    gauge(
        "cosine.mean",
        "",
        "Mean cosine of different images; near 1 is collapse",
        progress -> known(progress.getMeanCosine()));
  }

  private static double known(@Nullable Double value) {
    return value == null ? Double.NaN : value;
  }

  private void gauge(
      String name, String unit, String description, ToDoubleFunction<TrainingProgress> number) {
    Gauge.builder(
            "adasim.learner." + name,
            this,
            m -> {
              TrainingProgress progress = m.newest;
              return progress == null ? Double.NaN : number.applyAsDouble(progress);
            })
        .baseUnit(unit.isEmpty() ? null : unit)
        .description(description)
        .register(registry);
  }

  private double checkpointAge() {
    Instant last = checkpointed;
    return last == null ? Double.NaN : Duration.between(last, clock.instant()).toNanos() / 1e9;
  }

  /** Shows a client's own numbers until the result is closed, which must be before the client. */
  public KafkaClientMetrics client(Consumer<?, ?> consumer) {
    return bound(new KafkaClientMetrics(consumer));
  }

  /** As {@link #client(Consumer)}. */
  public KafkaClientMetrics client(Producer<?, ?> producer) {
    return bound(new KafkaClientMetrics(producer));
  }

  private KafkaClientMetrics bound(KafkaClientMetrics client) {
    if (seen) {
      client.bindTo(registry);
    }
    return client;
  }

  /** This learner trains from now on. */
  public void trainingBegan() {
    checkpointed = clock.instant();
    training = true;
  }

  /** It doesn't any more. */
  public void trainingEnded() {
    training = false;
    newest = null;
    checkpointed = null;
  }

  public void progress(TrainingProgress progress) {
    newest = progress;
  }

  public void checkpointed() {
    checkpointed = clock.instant();
  }

  /**
   * An arrival's embedding was acknowledged.
   *
   * @param capturedAt of the image; one in the future counts as now
   */
  public void embedded(Instant capturedAt) {
    embedded.increment();
    Duration age = Duration.between(capturedAt, clock.instant());
    freshness.record(age.isNegative() ? Duration.ZERO : age);
  }

  public void deadLettered() {
    deadLettered.increment();
  }

  public void deleted() {
    deleted.increment();
  }

  /** Images were embedded again. */
  public void swept(int images) {
    swept.increment(images);
  }
}
