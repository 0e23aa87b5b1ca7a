package stream.adasim.standalone.monitor;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.compute.Kernels;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.BadDataException;

/**
 * Reads {@code images}, {@code images.dead-letter}, {@code embeddings} and {@code
 * training-progress} from their beginning, on a thread of its own, and says what they hold. It
 * belongs to no group, commits nothing and sees committed records only. Topics that do not exist
 * yet are waited for.
 *
 * <p>Pixels are neither decoded nor copied; accuracies are measured every ten seconds at most, on
 * at most 2,000 labelled embeddings. A monitor that fails stops alone: see {@link #failure}.
 */
public final class Monitor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Monitor.class);

  private static final int SAMPLE = 2_000;
  private static final Duration MEASURE_EVERY = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final int MIB = 1 << 20;

  /** Somebody who waits for everything that the topics hold now. */
  private record Waiter(CompletableFuture<Status> status, Map<TopicPartition, Long> ends) {}

  private final Consumer<byte[], ByteBuffer> consumer;
  private final AvroDeserializer<Embedding> embeddings;
  private final AvroDeserializer<TrainingProgress> progress;
  private final Kernels kernels;
  private final InstantSource clock;
  private final Tally tally;
  private final String imagesTopic;
  private final String deadLetterTopic;
  private final String embeddingsTopic;
  private final String progressTopic;
  private final BlockingQueue<CompletableFuture<Status>> requests = new LinkedBlockingQueue<>();
  private final List<Waiter> waiters = new ArrayList<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private volatile Status status = Status.empty();
  private volatile @Nullable Throwable failure;
  private Instant nextMeasurement;

  private Monitor(Connection connection, Kernels kernels, InstantSource clock) {
    TopicCatalogue catalogue = new TopicCatalogue(connection);
    this.imagesTopic = catalogue.name(Topic.IMAGES);
    this.deadLetterTopic = catalogue.name(Topic.IMAGES_DEAD_LETTER);
    this.embeddingsTopic = catalogue.name(Topic.EMBEDDINGS);
    this.progressTopic = catalogue.name(Topic.TRAINING_PROGRESS);
    this.kernels = kernels;
    this.clock = clock;
    Instant start = clock.instant();
    this.tally = new Tally(start, SAMPLE);
    this.nextMeasurement = start.plus(MEASURE_EVERY);
    this.embeddings = new AvroDeserializer<>(Embedding.class);
    this.progress = new AvroDeserializer<>(TrainingProgress.class);
    embeddings.configure(connection.serde(), false);
    progress.configure(connection.serde(), false);
    this.consumer =
        new KafkaConsumer<>(
            consumerProperties(connection),
            new ByteArrayDeserializer(),
            new ByteBufferDeserializer());
    this.thread = Thread.ofPlatform().name("monitor").daemon(true).unstarted(this::run);
  }

  /**
   * Starts to read.
   *
   * @param kernels used from the monitor's thread, some tens of milliseconds every ten seconds; not
   *     closed with the monitor
   */
  public static Monitor start(Connection connection, Kernels kernels, InstantSource clock) {
    Monitor monitor = new Monitor(connection, kernels, clock);
    monitor.thread.start();
    return monitor;
  }

  /** What was read so far; a quarter of a second old at most while the monitor runs. */
  public Status status() {
    return status;
  }

  /** Why the monitor stopped; none while it runs and after {@link #close}. */
  public @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Waits until everything that the topics hold at this moment is counted and accuracies are
   * measured on it.
   *
   * @throws TimeoutException where that takes longer than the limit
   * @throws IllegalStateException where the monitor is closed or has failed
   */
  public Status catchUp(Duration limit) throws InterruptedException, TimeoutException {
    CompletableFuture<Status> answer = new CompletableFuture<>();
    requests.add(answer);
    if (!thread.isAlive()) {
      refuseAll();
    }
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the monitor does not run any more", e.getCause());
    }
  }

  /** Stops reading; the last status stays available. */
  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try (consumer;
        embeddings;
        progress) {
      consumer.assign(partitions());
      consumer.seekToBeginning(consumer.assignment());
      while (!isClosing()) {
        consumer.poll(POLL).forEach(this::count);
        publish();
      }
    } catch (WakeupException e) {
      log.debug("monitor closing");
    } catch (RuntimeException | InterruptedException | Error e) {
      // The boundary of this thread: the services go on, whoever asks is told.
      failure = e;
      log.error("monitor stopped: counts stand still from here on", e);
    } finally {
      refuseAll();
    }
  }

  private List<TopicPartition> partitions() throws InterruptedException {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : List.of(imagesTopic, deadLetterTopic, embeddingsTopic, progressTopic)) {
      List<PartitionInfo> found = consumer.partitionsFor(topic);
      while ((found == null || found.isEmpty()) && !isClosing()) {
        if (!closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          found = consumer.partitionsFor(topic);
        }
      }
      if (found != null) {
        found.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
      }
    }
    return partitions;
  }

  private void count(ConsumerRecord<byte[], ByteBuffer> record) {
    try {
      countReadable(record);
    } catch (BadDataException e) {
      log.warn(
          "left out record={}-{}@{}: {}",
          record.topic(),
          record.partition(),
          record.offset(),
          e.getMessage());
    }
  }

  private void countReadable(ConsumerRecord<byte[], ByteBuffer> record) {
    String topic = record.topic();
    if (topic.equals(imagesTopic)) {
      tally.image(record.key(), record.value() != null);
    } else if (topic.equals(deadLetterTopic)) {
      tally.deadLetter();
    } else if (topic.equals(embeddingsTopic)) {
      countEmbedding(record);
    } else {
      TrainingProgress newest = progress.deserialize(topic, bytes(record.value()));
      if (newest != null) {
        tally.progress(newest);
      }
    }
  }

  private void countEmbedding(ConsumerRecord<byte[], ByteBuffer> record) {
    Instant now = clock.instant();
    if (record.value() == null || tally.wants(record.key())) {
      Embedding embedding = embeddings.deserialize(record.topic(), bytes(record.value()));
      tally.embedding(record.key(), embedding, now);
    } else {
      tally.embedding(record.key(), now);
    }
  }

  private void publish() {
    Instant now = clock.instant();
    if (!now.isBefore(nextMeasurement)) {
      tally.measure(kernels);
      nextMeasurement = now.plus(MEASURE_EVERY);
    }
    status = tally.status(now);
    for (CompletableFuture<Status> request = requests.poll();
        request != null;
        request = requests.poll()) {
      waiters.add(new Waiter(request, consumer.endOffsets(consumer.assignment())));
    }
    if (waiters.stream().anyMatch(this::isServed)) {
      tally.measure(kernels);
      status = tally.status(now);
      waiters.stream().filter(this::isServed).forEach(waiter -> waiter.status().complete(status));
      waiters.removeIf(waiter -> waiter.status().isDone());
    }
  }

  private boolean isServed(Waiter waiter) {
    return waiter.ends().entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void refuseAll() {
    Throwable cause = failure == null ? new IllegalStateException("closed") : failure;
    waiters.forEach(waiter -> waiter.status().completeExceptionally(cause));
    requests.forEach(request -> request.completeExceptionally(cause));
  }

  private static byte @Nullable [] bytes(@Nullable ByteBuffer value) {
    if (value == null) {
      return null;
    }
    byte[] bytes = new byte[value.remaining()];
    value.get(bytes);
    return bytes;
  }

  private static Map<String, Object> consumerProperties(Connection connection) {
    Map<String, Object> properties = connection.consumer();
    // Few, filled fetches: the broker gathers for half a second, and nothing is fetched far ahead.
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, MIB);
    properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 500);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, MIB);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 * MIB);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.CLIENT_ID_CONFIG, "adasim-monitor");
    return properties;
  }
}
