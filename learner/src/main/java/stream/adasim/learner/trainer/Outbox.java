package stream.adasim.learner.trainer;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends lists of records in their order, one transaction each: readers see all of a list, once, or
 * none. A transaction runs while the trainer takes its next step, since most of it is waiting for
 * the brokers. Not thread-safe.
 */
final class Outbox implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("adasim-transactions").daemon().factory());
  private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);

  private Outbox(KafkaProducer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /**
   * Takes over the producer's transactional id: from here on nothing that an earlier owner still
   * sends can show.
   *
   * @param producer closed with this
   */
  static Outbox open(KafkaProducer<byte[], byte[]> producer) {
    producer.initTransactions();
    return new Outbox(producer);
  }

  /**
   * Begins to send, once the transaction before is committed.
   *
   * @throws RuntimeException what the transaction before failed with
   */
  void send(List<ProducerRecord<byte[], byte[]>> records) {
    await();
    underWay = CompletableFuture.runAsync(() -> commit(records), thread);
  }

  /**
   * Waits until everything is committed.
   *
   * @throws RuntimeException what a transaction failed with; nothing of it will show
   */
  void await() {
    try {
      underWay.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException own) {
        throw own;
      }
      throw e;
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // a send that failed makes the commit throw
  private void commit(List<ProducerRecord<byte[], byte[]>> records) {
    producer.beginTransaction();
    records.forEach(producer::send);
    producer.commitTransaction();
  }

  /** Ends; what was not committed is aborted. */
  @Override
  public void close() {
    thread.close();
    producer.close();
  }
}
