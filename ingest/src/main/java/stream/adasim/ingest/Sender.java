package stream.adasim.ingest;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Image;

/**
 * Sends without waiting, up to so many records ahead of their acknowledgements. The first failure
 * is kept and thrown by the next call. Used by one thread; the producer belongs to the caller.
 */
final class Sender {
  private final Producer<String, Image> producer;
  private final String topic;
  private final int maxInFlight;
  private final Semaphore room;
  private final AtomicReference<@Nullable IngestException> failure = new AtomicReference<>();

  Sender(Producer<String, Image> producer, String topic, int maxInFlight) {
    this.producer = producer;
    this.topic = topic;
    this.maxInFlight = maxInFlight;
    this.room = new Semaphore(maxInFlight);
  }

  /**
   * Hands a record to the producer, and waits only while too many are in flight.
   *
   * @param image null deletes
   * @throws IngestException if this or an earlier record could not be sent
   */
  void send(String id, @Nullable Image image) {
    takeRoom(1);
    throwFailure();
    try {
      var _ =
          producer.send(
              new ProducerRecord<>(topic, id, image),
              (metadata, e) -> {
                if (e != null) {
                  failure.compareAndSet(null, failed(id, e));
                }
                room.release();
              });
    } catch (KafkaException e) {
      throw failed(id, e);
    }
  }

  /**
   * Waits until everything is acknowledged.
   *
   * @throws IngestException if a record could not be sent
   */
  void drain() {
    producer.flush();
    takeRoom(maxInFlight);
    room.release(maxInFlight);
    throwFailure();
  }

  private void takeRoom(int records) {
    try {
      room.acquire(records);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IngestException("interrupted while sending to topic " + topic, e);
    }
  }

  private void throwFailure() {
    IngestException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
  }

  private IngestException failed(String id, Exception e) {
    return new IngestException(
        String.format(
            "image %s could not be sent to topic %s: %s (%s); sending again is harmless",
            id, topic, OneLine.of(e), e.getClass().getSimpleName()),
        e);
  }
}
