package stream.adasim.learner.embedder;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Sends records and returns when the brokers have acknowledged all of them. */
final class Acknowledged {
  private Acknowledged() {}

  static void send(
      Producer<byte[], byte[]> producer, List<ProducerRecord<byte[], byte[]>> records) {
    List<Future<RecordMetadata>> sent = new ArrayList<>(records.size());
    for (ProducerRecord<byte[], byte[]> message : records) {
      sent.add(producer.send(message));
    }
    producer.flush();
    for (int i = 0; i < sent.size(); i++) {
      try {
        sent.get(i).get();
      } catch (ExecutionException e) {
        throw new KafkaException(
            "topic " + records.get(i).topic() + " did not take a record: " + e.getMessage(), e);
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
  }
}
