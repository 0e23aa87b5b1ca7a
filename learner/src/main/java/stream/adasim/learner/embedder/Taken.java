package stream.adasim.learner.embedder;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import stream.adasim.learner.records.Incoming;

/**
 * Records on their way through the embedder, before they have vectors; grows.
 *
 * @param sources of the decoded images, in their order
 * @param others deletions and dead letters
 */
record Taken(
    List<ConsumerRecord<byte[], byte[]>> sources,
    List<Incoming.Arrival> decoded,
    List<ProducerRecord<byte[], byte[]>> others) {
  Taken() {
    this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
  }
}
