package stream.adasim.ingest.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Image;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;
import stream.adasim.ingest.OneLine;
import stream.adasim.schemas.settings.Connection;

/** Sends records and says what became of them, in the words of HTTP. Thread-safe. */
final class Delivery {
  private static final Logger log = LoggerFactory.getLogger(Delivery.class);

  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(5);
  private static final String AGAIN = "; send again, which is harmless";

  private final Producer<String, Image> producer;
  private final String topic;
  private final Duration timeout;
  private final LongSupplier nanos;
  private volatile @Nullable Failure last;

  private record Failure(String why, long at) {}

  /**
   * @param nanos a clock like {@link System#nanoTime}
   */
  Delivery(Producer<String, Image> producer, String topic, Duration timeout, LongSupplier nanos) {
    this.producer = producer;
    this.topic = topic;
    this.timeout = timeout;
    this.nanos = nanos;
  }

  /**
   * For a producer that gives a record up when whoever sent it does, and that does not wait long
   * for room in its buffer: clients are told to come again.
   */
  static Map<String, Object> properties(Connection connection, Duration timeout) {
    long millis = timeout.toMillis();
    Map<String, Object> properties = new HashMap<>(connection.producer());
    properties.put(ProducerConfig.LINGER_MS_CONFIG, Math.min(5, millis / 4));
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Math.min(1000, millis));
    properties.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) (millis / 2));
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) millis);
    properties.putAll(connection.kafka());
    return properties;
  }

  /**
   * Hands a record to the producer, and waits for room there for a second at most.
   *
   * @param image null deletes
   * @throws ProblemException 503 where the schema registry fails
   */
  CompletableFuture<RecordMetadata> send(String id, @Nullable Image image) {
    CompletableFuture<RecordMetadata> acknowledged = new CompletableFuture<>();
    try {
      var _ =
          producer.send(
              new ProducerRecord<>(topic, id, image),
              (metadata, e) -> {
                if (e == null) {
                  acknowledged.complete(metadata);
                } else {
                  acknowledged.completeExceptionally(e);
                }
              });
    } catch (KafkaException e) {
      throw new ProblemException(problem(e));
    }
    return acknowledged;
  }

  /**
   * Waits for the acknowledgement.
   *
   * @throws ProblemException 429 where Kafka has no room or does not answer in time, 413 where the
   *     record is too large for it, 503 where it refuses
   */
  RecordMetadata await(CompletableFuture<RecordMetadata> sent) {
    try {
      return sent.get(timeout.plus(SOON).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new ProblemException(problem(sent.exceptionNow()));
    } catch (TimeoutException e) {
      throw new ProblemException(
          failed(429, "Kafka has not acknowledged within " + timeout.toMillis() + " ms", SOON));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable("the service is stopping" + AGAIN, SOON);
    }
  }

  /** Why it cannot deliver, where that was so within the last five seconds. */
  Optional<String> failure() {
    Failure newest = last;
    return newest == null || nanos.getAsLong() - newest.at() > LATER.toNanos()
        ? Optional.empty()
        : Optional.of(newest.why());
  }

  private Problem problem(Throwable e) {
    return switch (e) {
      case RecordTooLargeException large ->
          new Problem(413, "Kafka does not take it: " + OneLine.of(large));
      case RetriableException busy ->
          failed(429, "Kafka has not acknowledged: " + OneLine.of(busy), SOON);
      default -> {
        log.warn("event=ingest.refused topic={}: {}", topic, OneLine.of(e));
        yield failed(503, "the image cannot be sent on: " + OneLine.of(e), LATER);
      }
    };
  }

  private Problem failed(int status, String why, Duration retry) {
    last = new Failure(why, nanos.getAsLong());
    return new Problem(status, why + AGAIN, retry);
  }
}
