package stream.adasim.learner.embedder;

import java.util.Map;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits of a consumer whose partitions may be about to change hands. While they are, the group
 * refuses; nothing is lost by it, since who has a partition next does again what was not committed.
 */
final class Commits {
  private static final Logger log = LoggerFactory.getLogger(Commits.class);

  private final Consumer<?, ?> consumer;
  private long refused;

  Commits(Consumer<?, ?> consumer) {
    this.consumer = consumer;
  }

  /** Waits for the group's answer; a refusal is told once, and once more when it is over. */
  void commit(Map<TopicPartition, OffsetAndMetadata> offsets) {
    if (offsets.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(offsets);
    } catch (CommitFailedException | RebalanceInProgressException e) {
      refuse(offsets, e);
      return;
    }
    if (refused > 0) {
      log.info("event=embedder.commits-resumed refused={}", refused);
      refused = 0;
    }
  }

  private void refuse(Map<TopicPartition, OffsetAndMetadata> offsets, KafkaException why) {
    if (refused++ == 0) {
      log.info(
          "event=embedder.commit-refused partitions={} because=\"{}\"",
          offsets.keySet(),
          why instanceof RebalanceInProgressException
              ? "partitions are changing hands"
              : "the group gave them to others while this one was silent");
    }
  }
}
