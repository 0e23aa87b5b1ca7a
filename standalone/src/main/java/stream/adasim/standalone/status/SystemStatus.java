package stream.adasim.standalone.status;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A running system at one moment. Its fields are those of {@code adasim status --json}.
 *
 * @param at when it was asked, ISO 8601
 * @param broker where
 * @param services consumer groups of ours
 * @param topics that exist
 * @param training newest record of training-progress of each learner, the newest first
 * @param freshness of the newest arrivals' embeddings; null where there are none
 * @param alarms what wants somebody's attention; empty where all is well
 * @param missing what could not be found out, and why
 */
public record SystemStatus(
    String at,
    String broker,
    List<Service> services,
    List<TopicState> topics,
    List<Training> training,
    @Nullable Freshness freshness,
    List<String> alarms,
    List<String> missing) {

  public SystemStatus {
    services = List.copyOf(services);
    topics = List.copyOf(topics);
    training = List.copyOf(training);
    alarms = List.copyOf(alarms);
    missing = List.copyOf(missing);
  }

  /**
   * A consumer group.
   *
   * @param name embedder, trainer or indexer
   * @param state as Kafka names it; ABSENT where the group is not there
   * @param hosts of the members
   * @param topic that it reads; null for the trainer, which keeps its offsets in its checkpoint
   * @param lag records of that topic that it has yet to read; null where that is unknown
   */
  public record Service(
      String name,
      String group,
      String state,
      int members,
      List<String> hosts,
      @Nullable String topic,
      @Nullable Long lag) {}

  /**
   * A topic.
   *
   * @param records that it holds, markers of transactions included
   */
  public record TopicState(String name, int partitions, long records) {}

  /**
   * How training goes.
   *
   * @param ageSeconds of the record
   * @param healthAlarms what is wrong with the latent space, each with its figures
   * @param healthAction what is done about them
   */
  public record Training(
      String learner,
      double ageSeconds,
      String modelId,
      long modelVersion,
      long step,
      double loss,
      double batchEntropy,
      double maxEntropy,
      double gateRate,
      double bootstrappedShare,
      double temperature,
      double imagesPerSecond,
      long windowImages,
      List<String> healthAlarms,
      String healthAction) {}

  /**
   * Embedded-at minus captured-at. An image that was embedded again, because the model had moved,
   * is left out.
   *
   * @param embeddings that it is measured on
   */
  public record Freshness(int embeddings, double p50Seconds, double p95Seconds) {}

  /** Records of a topic by the end of its name; 0 where it is not there. */
  long records(String topic) {
    return topics.stream()
        .filter(state -> state.name().endsWith(topic))
        .mapToLong(TopicState::records)
        .sum();
  }

  SystemStatus with(List<String> found) {
    return new SystemStatus(at, broker, services, topics, training, freshness, found, missing);
  }
}
