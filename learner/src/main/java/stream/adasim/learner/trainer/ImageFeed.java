package stream.adasim.learner.trainer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.learner.records.ImageRecords;
import stream.adasim.learner.records.Incoming;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.window.Manifest;
import stream.adasim.learner.window.PutResult;
import stream.adasim.learner.window.ReplayWindow;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;

/**
 * Reads all partitions of images into the replay window, at offsets of its own: they are part of
 * the checkpoint, no consumer group knows them. Bad data is passed over, for the embedder answers
 * for it. Not thread-safe.
 */
final class ImageFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ImageFeed.class);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ImageRecords records;
  private final List<TopicPartition> partitions;

  ImageFeed(LearnerConfig config) {
    consumer =
        new KafkaConsumer<>(
            config.connection().consumer(),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    records =
        new ImageRecords(
            config.connection(), config.decodeLimits(), config.architecture().imageSize());
    String topic = new TopicCatalogue(config.connection()).name(Topic.IMAGES);
    partitions = WholeTopic.assign(consumer, topic);
  }

  /** Puts what has come into the window, waiting for at most so long. */
  void drain(ReplayWindow window, Duration wait) {
    CatchUp.read(consumer, wait, message -> take(window, message));
  }

  private void take(ReplayWindow window, ConsumerRecord<byte[], byte[]> message) {
    switch (records.read(message)) {
      case Incoming.Arrival arrival -> {
        if (put(window, message, arrival) == PutResult.TOO_LARGE) {
          log.warn(
              "event=window.too-large topic={} partition={} offset={} bytes={}; raise window.bytes"
                  + " to train on it",
              message.topic(),
              message.partition(),
              message.offset(),
              arrival.image().getBytes().remaining());
        }
      }
      case Incoming.Deleted(var id) -> window.delete(id, message.partition(), message.offset());
      case Incoming.Bad bad -> {}
    }
  }

  /**
   * Reads the pixels of a restored window again and goes to where consumption is to continue.
   *
   * @param manifest what the window waits for
   * @param offsets per partition, the next offset to consume
   */
  void refill(ReplayWindow window, Manifest manifest, SortedMap<Integer, Long> offsets) {
    Map<TopicPartition, Long> oldest = consumer.beginningOffsets(partitions);
    for (TopicPartition partition : partitions) {
      long next = offsets.getOrDefault(partition.partition(), 0L);
      long first = manifest.firstOffsets().getOrDefault(partition.partition(), next);
      consumer.seek(partition, Math.max(first, oldest.getOrDefault(partition, 0L)));
    }
    while (window.pending() > 0 && behind(offsets)) {
      for (ConsumerRecord<byte[], byte[]> message : consumer.poll(Duration.ofMillis(200))) {
        if (message.offset() < offsets.getOrDefault(message.partition(), 0L)
            && records.read(message) instanceof Incoming.Arrival arrival) {
          put(window, message, arrival);
        }
      }
    }
    int lost = window.finishRefill();
    if (lost > 0) {
      log.warn(
          "event=window.incomplete images={} lost={}: the images topic no longer holds them; new"
              + " arrivals fill the window (keep images longer with its retention.ms)",
          manifest.images(),
          lost);
    }
    for (TopicPartition partition : partitions) {
      long next = offsets.getOrDefault(partition.partition(), 0L);
      consumer.seek(partition, Math.max(next, oldest.getOrDefault(partition, 0L)));
    }
  }

  private boolean behind(SortedMap<Integer, Long> offsets) {
    return partitions.stream()
        .anyMatch(
            partition ->
                consumer.position(partition) < offsets.getOrDefault(partition.partition(), 0L));
  }

  private static PutResult put(
      ReplayWindow window, ConsumerRecord<byte[], byte[]> message, Incoming.Arrival arrival) {
    byte[] content = new byte[arrival.image().getBytes().remaining()];
    arrival.image().getBytes().duplicate().get(content);
    return window.put(
        arrival.id(),
        content,
        arrival.fingerprint(),
        message.partition(),
        message.offset(),
        arrival.image().getSource(),
        arrival.image().getLabel(),
        arrival.image().getCapturedAt().toEpochMilli(),
        arrival.pixels());
  }

  /** Per partition, the next offset to consume. */
  SortedMap<Integer, Long> offsets() {
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    partitions.forEach(
        partition -> offsets.put(partition.partition(), consumer.position(partition)));
    return offsets;
  }

  @Override
  public void close() {
    consumer.close();
    records.close();
  }
}
