package stream.adasim.learner.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.adasim.PartnerPolicy;
import stream.adasim.learner.adasim.TemperatureMode;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.FolderTakenException;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.device.DeviceTurn;
import stream.adasim.learner.models.HalfPrecision;
import stream.adasim.learner.models.ModelReader;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.monitoring.LearnerMetrics;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.weights.InitialWeights;
import stream.adasim.learner.weights.WeightsImport;
import stream.adasim.learner.weights.WeightsImport.Imported;
import stream.adasim.learner.window.Manifest;
import stream.adasim.schemas.settings.Connection;

/**
 * One trainer's time with the lease: starts from the newest checkpoint, else from the newest
 * snapshot, else afresh; trains; checkpoints. Runs on one thread.
 */
final class TrainerSession implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TrainerSession.class);

  /** Images on which a snapshot's rounding is measured. */
  private static final int PROBES = 16;

  private final LearnerConfig config;
  private final Kernels kernels;
  private final DeviceTurn turn;
  private final InstantSource clock;
  private final LearnerMetrics metrics;
  private final CheckpointStore checkpoints;
  private final HealthyCheckpoint healthy;
  private final Outbox outbox;
  private final TrainerRecords records;
  private final BatchBuilder builder;
  private final Training training;
  private final ImageFeed images;
  private final NeighbourFeed neighbours;
  private final Progress progress;
  private long version;
  private Instant published;
  private Instant checkpointed;

  TrainerSession(
      LearnerConfig config,
      Kernels kernels,
      DeviceTurn turn,
      InstantSource clock,
      LearnerMetrics metrics)
      throws IOException {
    this.config = config;
    this.kernels = kernels;
    this.turn = turn;
    this.clock = clock;
    this.metrics = metrics;
    Connection connection = config.connection();
    checkpoints = new CheckpointStore(config.saving().folder(), config.saving().keep());
    healthy = new HealthyCheckpoint(checkpoints);
    Map<String, Object> properties = connection.producer();
    properties.put(
        ProducerConfig.TRANSACTIONAL_ID_CONFIG, connection.topicPrefix() + "adasim-trainer");
    outbox =
        Outbox.open(
            new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer()));
    records = new TrainerRecords(config);
    builder = new BatchBuilder(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), config);
    Optional<ModelSnapshot> newest;
    try (ModelReader reader = new ModelReader(connection)) {
      newest = reader.readToEnd();
    }
    images = new ImageFeed(config);
    Optional<Loaded> checkpoint =
        checkpoints.newest(why -> log.warn("event=checkpoint.refused {}", why));
    published = clock.instant();
    if (checkpoint.isPresent()) {
      try (Loaded loaded = checkpoint.get()) {
        training = resume(kernels, loaded, newest);
      }
    } else if (newest.isPresent()) {
      training = takeOver(kernels, newest.get());
    } else {
      training = new Training(config, kernels, newModelId());
      startFromImported();
      version = -1;
      outbox.send(snapshot(null));
      log.info(
          "event=training.fresh model={} parameters={} seed={}",
          training.modelId(),
          training.snapshot(0).weights().length,
          config.seed());
    }
    warnOfPolicy();
    neighbours = new NeighbourFeed(config);
    progress =
        new Progress(config.training().batchSize(), config.architecture().dim(), clock.instant());
    checkpointed = clock.instant();
  }

  private void warnOfPolicy() {
    PartnerPolicy policy = config.training().partner();
    if (policy == PartnerPolicy.ORACLE) {
      log.warn(
          "event=partners.oracle: train.partner=oracle trains on labels; it shows what right"
              + " partners could do, and is no label-free training");
    }
    TemperatureMode mode = config.training().temperatures().mode();
    if (mode != TemperatureMode.FIXED
        && policy != PartnerPolicy.ADASIM
        && policy != PartnerPolicy.ADASIM_NO_GATE) {
      log.warn(
          "event=partners.no-temperature: train.temperature-mode={} does nothing with"
              + " train.partner={}, which draws no partner by similarity",
          mode,
          policy);
    }
  }

  /** Takes the weights that wait in the folder of the checkpoints, if any do. */
  private void startFromImported() throws IOException {
    Optional<Path> file = InitialWeights.find(config.saving().folder());
    if (file.isPresent()) {
      Imported imported =
          WeightsImport.read(file.get(), config.architecture(), true, config.seed());
      training.startFrom(imported.weights());
      log.info("event=training.imported file={} head={}", file.get(), imported.head());
    }
  }

  private String newModelId() {
    long mixed = clock.millis() * 0x9E3779B97F4A7C15L ^ config.seed();
    return "adasim-" + Long.toHexString(mixed >>> 16);
  }

  private Training resume(Kernels kernels, Loaded checkpoint, Optional<ModelSnapshot> newest)
      throws IOException {
    TrainerState state = TrainerState.read(checkpoint.body());
    Map<String, String> wanted = config.architecture().toMap();
    if (!state.architecture().equals(new TreeMap<>(wanted))) {
      throw new IllegalStateException(
          "checkpoint "
              + checkpoint.file()
              + " holds a network "
              + state.architecture()
              + ", the settings ask for "
              + new TreeMap<>(wanted)
              + "; set model.* back, or another checkpoint.folder to start afresh");
    }
    Training resumed = new Training(config, kernels, state.modelId());
    Manifest manifest = resumed.restore(checkpoint.body());
    images.refill(resumed.window(), manifest, state.offsets());
    version =
        newest
            .filter(snapshot -> snapshot.modelId().equals(state.modelId()))
            .map(snapshot -> Math.max(snapshot.version(), state.version()))
            .orElse(state.version());
    healthy.written(checkpoint.file(), resumed.health());
    log.info(
        "event=training.resumed checkpoint={} model={} step={} window={} version={}",
        checkpoint.file().getFileName(),
        state.modelId(),
        resumed.step(),
        resumed.window().size(),
        version);
    return resumed;
  }

  private Training takeOver(Kernels kernels, ModelSnapshot newest) {
    if (!newest.architecture().equals(config.architecture())) {
      throw new IllegalStateException(
          "models holds a network "
              + newest.architecture().toMap()
              + ", the settings ask for "
              + config.architecture().toMap()
              + "; set model.* alike, or another topic.prefix to start afresh");
    }
    Training taken = new Training(config, kernels, newest.modelId());
    taken.takeOver(newest);
    InitialWeights.find(config.saving().folder())
        .ifPresent(
            file ->
                log.warn(
                    "event=training.import-ignored file={}: models holds a snapshot, which goes"
                        + " first; set another topic.prefix to start from the file",
                    file));
    version = newest.version();
    log.warn(
        "event=training.taken-over model={} version={} step={}: no checkpoint in {}, so the"
            + " teacher's newest snapshot is student and teacher now, and the optimiser starts"
            + " anew",
        newest.modelId(),
        newest.version(),
        newest.step(),
        config.saving().folder());
    return taken;
  }

  /** Trains until told to stop; the step under way is finished and a checkpoint written. */
  void train(BooleanSupplier active) {
    CompletableFuture<Batch> ahead = null;
    while (active.getAsBoolean()) {
      images.drain(training.window(), training.ready() ? Duration.ZERO : Duration.ofMillis(100));
      neighbours.drain(training, progress);
      if (ahead != null || training.ready()) {
        // A checkpoint needs a moment at which nothing is planned that was not run.
        boolean save = due(checkpointed, config.saving().every());
        ahead = step(ahead, !save);
        watchHealth();
        if (save) {
          checkpoint();
        }
      }
    }
    if (ahead != null) {
      ahead = step(ahead, false);
    }
    if (training.step() > 0) {
      checkpoint();
    }
  }

  /** Runs one step and returns the batch that is being made for the next one, if any is. */
  private @Nullable CompletableFuture<Batch> step(
      @Nullable CompletableFuture<Batch> ready, boolean planNext) {
    Instant start = clock.instant();
    CompletableFuture<Batch> current = ready == null ? builder.build(training.plan()) : ready;
    Batch batch = current.join();
    Duration forBatch = Duration.between(start, clock.instant());
    CompletableFuture<Batch> next =
        planNext && training.ready() ? builder.build(training.plan()) : null;
    Instant[] begun = new Instant[1];
    Outcome outcome =
        turn.step(
            () -> {
              begun[0] = clock.instant();
              return training.run(batch);
            });
    progress.stepped(outcome, forBatch, Duration.between(start, begun[0]), batch.decodings().get());
    boolean publish = due(published, config.saving().publishEvery());
    List<ProducerRecord<byte[], byte[]>> out = new ArrayList<>();
    for (Visit visit : outcome.visits()) {
      out.add(records.visit(visit, training, version));
    }
    if (publish) {
      out.addAll(snapshot(batch));
    }
    Instant now = clock.instant();
    if (progress.due(now, config.saving().progressEvery())) {
      TrainingProgress newest =
          progress.take(now, training, version, outcome.result(), training.temperature());
      out.add(records.progress(newest));
      metrics.progress(newest);
    }
    outbox.send(out);
    return next;
  }

  private boolean due(Instant last, Duration every) {
    return Duration.between(last, clock.instant()).compareTo(every) >= 0;
  }

  /**
   * The records of the teacher as it is now.
   *
   * @param batch whose images show what half precision costs; null for full precision
   */
  private List<ProducerRecord<byte[], byte[]>> snapshot(@Nullable Batch batch) {
    version++;
    published = clock.instant();
    ModelSnapshot exact = training.snapshot(version);
    Optional<ModelSnapshot> half = batch == null ? Optional.empty() : half(exact, batch);
    log.debug("event=snapshot.published version={} half={}", version, half.isPresent());
    return records.snapshot(half.orElse(exact), published);
  }

  private Optional<ModelSnapshot> half(ModelSnapshot exact, Batch batch) {
    int images = Math.min(PROBES, batch.pairs().size());
    float[] probes = Arrays.copyOf(batch.stored(), images * config.architecture().pixels());
    return turn.step(() -> HalfPrecision.round(exact, kernels, probes, images));
  }

  /** Learns which checkpoint is healthy, and takes the network back to it where that is asked. */
  private void watchHealth() {
    healthy.follow(training.health());
    if (!training.health().rollBackWanted()) {
      return;
    }
    try {
      Optional<Loaded> checkpoint =
          healthy.take(why -> log.warn("event=checkpoint.refused {}", why));
      if (checkpoint.isEmpty()) {
        training.health().rolledBack(training.step(), null);
        return;
      }
      try (Loaded loaded = checkpoint.get()) {
        TrainerState.read(loaded.body());
        training.rollBack(loaded.body());
        training.health().rolledBack(training.step(), loaded.file().getFileName().toString());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read a checkpoint of " + config.saving().folder() + ": " + e.getMessage(), e);
    }
    // Embedders are to leave the collapsed teacher at once.
    outbox.send(snapshot(null));
  }

  private void checkpoint() {
    // What it counts as done must have been committed.
    outbox.await();
    TrainerState state =
        new TrainerState(
            training.modelId(),
            version,
            new TreeMap<>(config.architecture().toMap()),
            images.offsets());
    try {
      Path file =
          checkpoints.write(
              training.step(),
              out -> {
                state.write(out);
                training.save(out);
              });
      healthy.written(file, training.health());
    } catch (FolderTakenException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot write a checkpoint to "
              + config.saving().folder()
              + ": "
              + e.getMessage()
              + "; the last one is whole; make room or set checkpoint.folder",
          e);
    }
    checkpointed = clock.instant();
    metrics.checkpointed();
    log.debug("event=checkpoint.written step={}", training.step());
  }

  @Override
  public void close() {
    builder.close();
    neighbours.close();
    images.close();
    outbox.close();
    records.close();
    training.close();
  }
}
