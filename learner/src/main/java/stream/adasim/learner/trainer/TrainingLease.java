package stream.adasim.learner.trainer;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;

/**
 * Who holds the single partition of the training lease trains; the others stand by. The lease alone
 * does not stop a trainer that was suspended: the transactional id fences it. Not thread-safe.
 */
final class TrainingLease implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> member;

  TrainingLease(Connection connection) {
    Map<String, Object> properties =
        connection.consumer(connection.topicPrefix() + "adasim-trainer");
    // Whoever has the lease keeps it when others come: a new trainer reads its whole window first.
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    member =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    member.subscribe(List.of(new TopicCatalogue(connection).name(Topic.TRAINING_LEASE)));
  }

  /** Takes part in the group for at most the wait; says whether this member holds the lease. */
  boolean held(Duration wait) {
    member.poll(wait);
    return !member.assignment().isEmpty();
  }

  /** Leaves the group, so that another takes over at once. */
  @Override
  public void close() {
    member.close();
  }
}
