package stream.adasim.ingest.http;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Image;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;
import stream.adasim.ingest.source.ImageFormat;

/** Checks images, sends them and counts what became of them. Thread-safe. */
final class Intake {
  private final Delivery delivery;
  private final IntakeMetrics metrics;
  private final InstantSource clock;

  Intake(Delivery delivery, IntakeMetrics metrics, InstantSource clock) {
    this.delivery = delivery;
    this.metrics = metrics;
    this.clock = clock;
  }

  /** An image on its way to Kafka. */
  record Sent(
      String id, String mediaType, int bytes, CompletableFuture<RecordMetadata> acknowledged) {}

  /**
   * Sends an image without waiting for the acknowledgement.
   *
   * @throws ProblemException 415 where it is none, 503 where the registry fails
   */
  Sent send(byte[] bytes, Details details) {
    ImageFormat format = ImageBody.format(bytes);
    String id = details.id() == null ? hash(bytes) : details.id();
    Image image =
        new Image(
            ByteBuffer.wrap(bytes),
            format.mediaType(),
            details.capturedAt() == null ? clock.instant() : details.capturedAt(),
            details.source(),
            details.label(),
            details.attributes());
    return new Sent(id, format.mediaType(), bytes.length, delivery.send(id, image));
  }

  /** Waits for Kafka; what it says is counted. */
  Outcome await(Sent sent) {
    try {
      RecordMetadata where = delivery.await(sent.acknowledged());
      metrics.taken(sent.bytes());
      return new Outcome.Taken(sent.id(), sent.mediaType(), sent.bytes(), where);
    } catch (ProblemException e) {
      return refused(sent.id(), e.problem());
    }
  }

  /** Counts an image that was not taken. */
  Outcome refused(@Nullable String id, Problem problem) {
    metrics.refused(problem.status());
    return new Outcome.Refused(id, problem);
  }

  /**
   * Deletes an image everywhere and waits for Kafka.
   *
   * @throws ProblemException as {@link Delivery#await} does
   */
  void delete(String id) {
    var _ = delivery.await(delivery.send(id, null));
    metrics.deleted();
  }

  /** The id of an image that was given none: the same content has the same. */
  static String hash(byte[] bytes) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
