package stream.adasim.learner.records;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * Dead letters: key, value and headers of the original, and in the header names of Kafka Streams'
 * own dead-letter support (KIP-1034) where it came from and what was wrong.
 */
public final class DeadLetter {
  static final String EXCEPTION = "__streams.errors.exception";
  static final String MESSAGE = "__streams.errors.message";
  static final String TOPIC = "__streams.errors.topic";
  static final String PARTITION = "__streams.errors.partition";
  static final String OFFSET = "__streams.errors.offset";

  private DeadLetter() {}

  /** The record to send to the dead-letter topic for a bad one. */
  public static ProducerRecord<byte[], byte[]> of(
      String topic, ConsumerRecord<byte[], byte[]> original, Incoming.Bad bad) {
    ProducerRecord<byte[], byte[]> letter =
        new ProducerRecord<>(
            topic,
            null,
            original.timestamp(),
            original.key(),
            original.value(),
            original.headers());
    Headers headers = letter.headers();
    if (bad.cause() != null) {
      add(headers, EXCEPTION, bad.cause().getClass().getName());
    }
    add(headers, MESSAGE, bad.reason());
    add(headers, TOPIC, original.topic());
    add(headers, PARTITION, Integer.toString(original.partition()));
    add(headers, OFFSET, Long.toString(original.offset()));
    return letter;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
