package stream.adasim.learner.embedder;

import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.augment.Normalisation;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.device.DeviceTurn;
import stream.adasim.learner.models.ModelReader;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.monitoring.LearnerMetrics;
import stream.adasim.learner.records.DeadLetter;
import stream.adasim.learner.records.ImageRecords;
import stream.adasim.learner.records.Incoming;
import stream.adasim.learner.records.Representations;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;

/**
 * Embeds the clean view of every arrival with the newest snapshot, and all images again when the
 * model has moved. Offsets are committed after the brokers have acknowledged what a batch led to,
 * so every record of {@code images} ends in a representation, a deletion or a dead letter, at least
 * once. Runs on one thread.
 */
public final class Embedder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Embedder.class);
  private static final int PROBES = 32;

  /** Long enough to take in a snapshot bit by bit before its request times out. */
  private static final Duration GLANCE = Duration.ofMillis(5);

  /** Images of a sweep embedded together: an arrival waits for no more. */
  private static final int SWEPT = 16;

  private final LearnerConfig config;
  private final Kernels kernels;
  private final @Nullable Kernels besideKernels;
  private final DeviceTurn turn;
  private final LearnerMetrics metrics;
  private final KafkaClientMetrics consumerMetrics;
  private final KafkaClientMetrics producerMetrics;
  private final String images;
  private final String deadLetters;
  private final ModelReader models;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Commits commits;
  private final KafkaProducer<byte[], byte[]> producer;
  private final ImageRecords records;
  private final Representations representations;
  private final Views views;
  private final Sweep sweep;
  private final int floats;
  private final float[] batch;
  private @Nullable ModelSnapshot model;
  private @Nullable ServingNetwork network;
  private @Nullable DriftProbe probe;
  private boolean probesSought;

  public Embedder(
      LearnerConfig config,
      Kernels kernels,
      DeviceTurn turn,
      InstantSource clock,
      LearnerMetrics metrics) {
    this.config = config;
    this.kernels = kernels;
    this.besideKernels = kernels.beside().orElse(null);
    this.turn = turn;
    this.metrics = metrics;
    Connection connection = config.connection();
    TopicCatalogue topics = new TopicCatalogue(connection);
    images = topics.name(Topic.IMAGES);
    deadLetters = topics.name(Topic.IMAGES_DEAD_LETTER);
    int size = config.architecture().imageSize();
    floats = 3 * size * size;
    batch = new float[config.embedding().batchSize() * floats];
    models = new ModelReader(connection);
    Map<String, Object> properties =
        connection.consumer(connection.topicPrefix() + "adasim-embedder");
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, config.embedding().batchSize());
    // Only partitions that change hands stand still when embedders come and go.
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    commits = new Commits(consumer);
    producer =
        new KafkaProducer<>(
            connection.producer(), new ByteArraySerializer(), new ByteArraySerializer());
    consumerMetrics = metrics.client(consumer);
    producerMetrics = metrics.client(producer);
    records = new ImageRecords(connection, config.decodeLimits(), size);
    representations = new Representations(connection);
    views = new Views(size, Normalisation.IMAGENET);
    int swept = Math.min(SWEPT, config.embedding().batchSize());
    sweep = new Sweep(connection, clock, config.embedding().sweepRate(), swept);
  }

  /**
   * Embeds until told to stop; whatever it throws is the world's fault and nothing was committed.
   */
  public void run(BooleanSupplier stopped) {
    log.info("event=embedder.waiting for=first-snapshot topic=models");
    while (model == null && !stopped.getAsBoolean()) {
      models.poll(Duration.ofMillis(100)).ifPresent(this::use);
    }
    if (stopped.getAsBoolean()) {
      return;
    }
    consumer.subscribe(List.of(images), new Assignment());
    while (!stopped.getAsBoolean()) {
      models.poll(GLANCE).ifPresent(this::use);
      List<ConsumerRecord<byte[], byte[]>> arrivals = new ArrayList<>();
      consumer.poll(Duration.ofMillis(sweep.running() ? 1 : 50)).forEach(arrivals::add);
      boolean backlog = arrivals.size() == config.embedding().batchSize();
      turn.backlog(backlog);
      boolean idle = arrivals.isEmpty() && !sweep.running();
      boolean published = !arrivals.isEmpty();
      if (published) {
        embedArrivals(arrivals);
      }
      // A full batch has more arrivals behind it, and these go first.
      if (sweep.running() && !backlog) {
        published |= sweepOn();
      }
      if (published) {
        commit();
      } else if (idle) {
        probeOldImages();
      }
    }
  }

  /**
   * Embeds a few images again, where the rate allows it.
   *
   * @return whether there is something to commit
   */
  private boolean sweepOn() {
    List<ConsumerRecord<byte[], byte[]>> again = sweep.next();
    if (!again.isEmpty()) {
      embedAgain(again);
    }
    if (!sweep.running()) {
      log.info("event=sweep.finished version={}", current().version());
      return true;
    }
    return !again.isEmpty();
  }

  /**
   * After a restart without arrivals there is nothing to measure drift on: takes images that were
   * embedded before, whose embeddings are of about the current version.
   */
  private void probeOldImages() {
    DriftProbe drift = probe;
    ServingNetwork serving = network;
    if (drift == null || serving == null || !drift.isEmpty() || probesSought) {
      return;
    }
    probesSought = !consumer.assignment().isEmpty();
    float[] view = new float[floats];
    for (ConsumerRecord<byte[], byte[]> message : sweep.sample(consumer.assignment(), PROBES)) {
      if (records.read(message) instanceof Incoming.Arrival arrival) {
        views.clean(arrival.pixels(), view, 0);
        drift.add(view, 0, serving.later(view, 1, floats), 0);
      }
    }
  }

  private ModelSnapshot current() {
    if (model == null) {
      throw new IllegalStateException("no snapshot yet");
    }
    return model;
  }

  private void use(ModelSnapshot newest) {
    ModelSnapshot before = model;
    if (newest.equals(before)) {
      return;
    }
    if (network == null || before == null || !before.modelId().equals(newest.modelId())) {
      ServingNetwork serving =
          new ServingNetwork(newest.architecture(), kernels, besideKernels, turn);
      network = serving;
      probe =
          new DriftProbe(
              (views, count) -> serving.now(views, count, floats),
              PROBES,
              floats,
              newest.architecture().dim());
    }
    network.load(newest);
    model = newest;
    if (before == null) {
      log.info(
          "event=embedder.model id={} version={} architecture={}",
          newest.modelId(),
          newest.version(),
          newest.architecture().toMap());
      return;
    }
    boolean other = !before.modelId().equals(newest.modelId());
    double drift = other || probe == null ? 2 : probe.drift();
    if (drift > config.embedding().drift() && !sweep.running()) {
      beginSweep(other ? "another model" : "drift " + "%.3f".formatted(drift));
    }
    commit();
  }

  private void beginSweep(String why) {
    consumer
        .assignment()
        .forEach(partition -> sweep.begin(partition, 0, consumer.position(partition)));
    if (sweep.running()) {
      log.info("event=sweep.started version={} because=\"{}\"", current().version(), why);
      DriftProbe drift = probe;
      if (drift != null) {
        drift.rebase();
      }
    }
  }

  private void embedArrivals(List<ConsumerRecord<byte[], byte[]>> messages) {
    Taken taken = take(messages, true);
    publish(taken, serving().now(batch, taken.decoded().size(), floats), true);
  }

  private void embedAgain(List<ConsumerRecord<byte[], byte[]>> messages) {
    Taken taken = take(messages, false);
    publish(taken, serving().later(batch, taken.decoded().size(), floats), false);
  }

  private ServingNetwork serving() {
    if (network == null) {
      throw new IllegalStateException("no snapshot yet");
    }
    return network;
  }

  /** Decodes; the views go into the batch. */
  private Taken take(List<ConsumerRecord<byte[], byte[]>> messages, boolean arrivals) {
    Taken taken = new Taken();
    for (ConsumerRecord<byte[], byte[]> message : messages) {
      switch (records.read(message)) {
        case Incoming.Arrival arrival -> {
          views.clean(arrival.pixels(), batch, taken.decoded().size() * floats);
          taken.decoded().add(arrival);
          taken.sources().add(message);
        }
        case Incoming.Deleted deleted -> {
          taken.others().add(representations.deletion(message));
          if (arrivals) {
            metrics.deleted();
          }
        }
        case Incoming.Bad bad -> {
          // A sweep meets again what was dead-lettered when it arrived.
          if (arrivals) {
            log.warn(
                "event=dead-letter topic={} partition={} offset={} reason=\"{}\"",
                message.topic(),
                message.partition(),
                message.offset(),
                bad.reason());
            metrics.deadLettered();
            taken.others().add(DeadLetter.of(deadLetters, message, bad));
          }
        }
      }
    }
    return taken;
  }

  private void publish(Taken taken, float[] vectors, boolean arrivals) {
    DriftProbe drift = probe;
    if (drift == null) {
      throw new IllegalStateException("no snapshot yet");
    }
    int dim = current().architecture().dim();
    List<ProducerRecord<byte[], byte[]>> out = new ArrayList<>(taken.others());
    for (int i = 0; i < taken.decoded().size(); i++) {
      float[] vector = new float[dim];
      System.arraycopy(vectors, i * dim, vector, 0, dim);
      if (arrivals) {
        drift.add(batch, i * floats, vectors, i * dim);
      }
      out.add(
          representations.arrival(
              taken.sources().get(i), taken.decoded().get(i), current(), vector));
    }
    Acknowledged.send(producer, out);
    if (arrivals) {
      taken.decoded().forEach(arrival -> metrics.embedded(arrival.image().getCapturedAt()));
    } else {
      metrics.swept(taken.decoded().size());
    }
  }

  private void commit() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : consumer.assignment()) {
      SweepState state =
          new SweepState(current().modelId(), current().version(), sweep.position(partition));
      offsets.put(partition, new OffsetAndMetadata(consumer.position(partition), state.encode()));
    }
    commits.commit(offsets);
  }

  @Override
  public void close() {
    turn.backlog(false);
    consumerMetrics.close();
    producerMetrics.close();
    consumer.close();
    sweep.close();
    models.close();
    producer.close();
    records.close();
    representations.close();
    if (besideKernels != null) {
      besideKernels.close();
    }
  }

  /** A partition that comes brings its sweep state; one that goes takes its sweep along. */
  private final class Assignment implements ConsumerRebalanceListener {
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      if (partitions.isEmpty()) {
        return; // others came or went, and nothing changed here
      }
      Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
      for (TopicPartition partition : partitions) {
        OffsetAndMetadata offset = committed.get(partition);
        Optional<SweepState> state =
            offset == null ? Optional.empty() : SweepState.decode(offset.metadata());
        if (offset == null || state.isEmpty()) {
          continue;
        }
        SweepState left = state.get();
        boolean unmeasured =
            !left.modelId().equals(current().modelId()) || left.version() < current().version();
        if (left.sweptTo() >= 0 || unmeasured) {
          sweep.begin(partition, Math.max(0, left.sweptTo()), offset.offset());
          log.info(
              "event=sweep.resumed partition={} from={} to={}",
              partition.partition(),
              Math.max(0, left.sweptTo()),
              offset.offset());
        }
      }
      log.info("event=embedder.assigned partitions={}", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      partitions.forEach(sweep::forget);
    }
  }
}
