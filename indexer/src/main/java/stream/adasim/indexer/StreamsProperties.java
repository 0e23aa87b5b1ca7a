package stream.adasim.indexer;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** What the application needs of Kafka Streams, whoever runs it. */
final class StreamsProperties {
  private StreamsProperties() {}

  /**
   * @param base how to reach the broker, and the application's id
   * @param deadLetters full name of the topic for records that cannot be used
   */
  static Properties of(Map<String, Object> base, String deadLetters, IndexerTopology.Parts parts) {
    Properties properties = new Properties();
    // Streams allows a transaction 10 seconds: a machine that is busy for longer is not dead yet.
    properties.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        (int) Duration.ofMinutes(1).toMillis());
    properties.putAll(base);
    // Last, and not to be overridden: what the promises rest on.
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    // Poll no longer than queries may wait: only between polls is it looked at the clock.
    properties.put(StreamsConfig.POLL_MS_CONFIG, parts.batching().longest().toMillis());
    if (!parts.config().sharded()) {
      properties.put(StreamsConfig.TASK_ASSIGNOR_CLASS_CONFIG, OneInstanceAssignor.class.getName());
    }
    // Scatter and gather share their tasks; neither waits for the other's records.
    properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1L);
    properties.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, deadLetters);
    properties.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, BadBytesHandler.class);
    properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, BadRecordHandler.class);
    properties.put(Counters.CONFIG, parts.counters());
    return properties;
  }
}
