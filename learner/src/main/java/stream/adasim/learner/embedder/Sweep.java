package stream.adasim.learner.embedder;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import stream.adasim.schemas.settings.Connection;

/**
 * Reads partitions of the images topic again, from the beginning up to where their embedder was
 * when the sweep began, at a bounded rate. Not thread-safe.
 */
final class Sweep implements AutoCloseable {
  private record Span(long next, long end) {}

  private final KafkaConsumer<byte[], byte[]> reader;
  private final InstantSource clock;
  private final double perSecond;
  private final int batch;
  private final Map<TopicPartition, Span> spans = new HashMap<>();
  private Instant earliest = Instant.MIN;

  Sweep(Connection connection, InstantSource clock, double perSecond, int batch) {
    Map<String, Object> properties = connection.consumer();
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, batch);
    reader =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.clock = clock;
    this.perSecond = perSecond;
    this.batch = batch;
  }

  /** Begins, or begins again, a partition's sweep over the offsets from..end, end excluded. */
  void begin(TopicPartition partition, long from, long end) {
    if (from < end) {
      spans.put(partition, new Span(from, end));
    } else {
      spans.remove(partition);
    }
    assign();
  }

  void forget(TopicPartition partition) {
    spans.remove(partition);
    assign();
  }

  boolean running() {
    return !spans.isEmpty();
  }

  /** Next offset that the sweep of a partition will read, or -1 where none is under way. */
  long position(TopicPartition partition) {
    Span span = spans.get(partition);
    return span == null ? -1 : span.next;
  }

  /** The next records, none where the rate does not allow more yet; at most a batch. */
  List<ConsumerRecord<byte[], byte[]>> next() {
    Instant now = clock.instant();
    if (spans.isEmpty() || now.isBefore(earliest)) {
      return List.of();
    }
    List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>(batch);
    for (ConsumerRecord<byte[], byte[]> message : reader.poll(Duration.ofMillis(20))) {
      TopicPartition partition = new TopicPartition(message.topic(), message.partition());
      Span span = spans.get(partition);
      if (span != null && message.offset() < span.end) {
        taken.add(message);
      }
    }
    // Positions pass over gaps that compaction, retention and transaction markers leave.
    boolean finished = false;
    for (Map.Entry<TopicPartition, Span> entry : spans.entrySet()) {
      entry.setValue(new Span(reader.position(entry.getKey()), entry.getValue().end));
      finished |= entry.getValue().next >= entry.getValue().end;
    }
    if (finished) {
      spans.values().removeIf(span -> span.next >= span.end);
      assign();
    }
    earliest = now.plusNanos((long) (taken.size() / perSecond * 1e9));
    return taken;
  }

  /** The first records of some partitions, about so many; for use while no sweep runs. */
  List<ConsumerRecord<byte[], byte[]>> sample(Set<TopicPartition> partitions, int count) {
    reader.assign(partitions);
    reader.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = reader.endOffsets(partitions);
    List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>(count);
    while (taken.size() < count
        && partitions.stream().anyMatch(p -> reader.position(p) < ends.getOrDefault(p, 0L))) {
      reader.poll(Duration.ofMillis(100)).forEach(taken::add);
    }
    assign();
    return taken.subList(0, Math.min(count, taken.size()));
  }

  private void assign() {
    reader.assign(spans.keySet());
    spans.forEach(
        (partition, span) -> {
          if (span.next == 0) {
            reader.seekToBeginning(List.of(partition));
          } else {
            reader.seek(partition, span.next);
          }
        });
  }

  @Override
  public void close() {
    reader.close();
  }
}
