package stream.adasim.standalone.status;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.standalone.status.SystemStatus.Service;
import stream.adasim.standalone.status.SystemStatus.TopicState;

/** What the broker knows of topics and consumer groups. */
final class Groups implements AutoCloseable {
  private static final int LIMIT_SECONDS = 10;

  private final Admin admin;
  private final Map<String, GroupListing> listed = new HashMap<>();
  private final Map<String, Integer> partitions = new HashMap<>();

  private Groups(Admin admin) {
    this.admin = admin;
  }

  /**
   * Connects.
   *
   * @throws KafkaException if no broker answers
   */
  static Groups open(Connection connection) {
    Map<String, Object> properties = connection.admin();
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 8_000);
    Groups groups = new Groups(Admin.create(properties));
    try {
      groups
          .get(groups.admin.listGroups().all(), "its groups")
          .forEach(group -> groups.listed.put(group.groupId(), group));
      return groups;
    } catch (KafkaException e) {
      groups.close();
      throw new KafkaException(
          "no broker answers at bootstrap.servers=%s; start one, or name another with --bootstrap-servers"
              .formatted(connection.bootstrapServers()),
          e);
    }
  }

  /** Our topics that exist. */
  List<TopicState> topics(TopicCatalogue catalogue) {
    Set<String> there = get(admin.listTopics().names(), "its topics");
    List<String> ours =
        EnumSet.allOf(Topic.class).stream().map(catalogue::name).filter(there::contains).toList();
    Map<String, TopicDescription> described =
        get(admin.describeTopics(ours).allTopicNames(), "its topics");
    List<TopicState> topics = new ArrayList<>();
    for (String topic : ours) {
      TopicDescription description = described.get(topic);
      if (description != null) {
        partitions.put(topic, description.partitions().size());
        long records =
            sum(offsets(topic, OffsetSpec.latest())) - sum(offsets(topic, OffsetSpec.earliest()));
        topics.add(new TopicState(topic, description.partitions().size(), records));
      }
    }
    return topics;
  }

  /**
   * One of our groups.
   *
   * @param topic that it reads and commits; null for none
   */
  Service service(String name, String group, @Nullable String topic) {
    GroupListing listing = listed.get(group);
    if (listing == null) {
      return new Service(name, group, "ABSENT", 0, List.of(), topic, null);
    }
    boolean streams = listing.type().filter(GroupType.STREAMS::equals).isPresent();
    List<String> hosts;
    String state;
    if (streams) {
      StreamsGroupDescription found =
          get(admin.describeStreamsGroups(List.of(group)).describedGroups().get(group), group);
      state = found.groupState().name();
      hosts = found.members().stream().map(member -> member.clientHost()).toList();
    } else {
      ConsumerGroupDescription found =
          get(admin.describeConsumerGroups(List.of(group)).describedGroups().get(group), group);
      state = found.groupState().name();
      hosts = found.members().stream().map(member -> member.host()).toList();
    }
    Long lag = topic == null || !partitions.containsKey(topic) ? null : lag(group, topic, streams);
    return new Service(name, group, state, hosts.size(), hosts, topic, lag);
  }

  private long lag(String group, String topic, boolean streams) {
    Map<TopicPartition, OffsetAndMetadata> committed =
        get(
            streams
                ? admin
                    .listStreamsGroupOffsets(Map.of(group, new ListStreamsGroupOffsetsSpec()))
                    .partitionsToOffsetAndMetadata(group)
                : admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
            group);
    Map<TopicPartition, Long> begins = offsets(topic, OffsetSpec.earliest());
    long lag = 0;
    for (Map.Entry<TopicPartition, Long> end : offsets(topic, OffsetSpec.latest()).entrySet()) {
      OffsetAndMetadata at = committed.get(end.getKey());
      long from = at == null ? begins.getOrDefault(end.getKey(), 0L) : at.offset();
      lag += Math.max(0, end.getValue() - from);
    }
    return lag;
  }

  private Map<TopicPartition, Long> offsets(String topic, OffsetSpec which) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (int p = 0; p < partitions.getOrDefault(topic, 0); p++) {
      asked.put(new TopicPartition(topic, p), which);
    }
    Map<TopicPartition, ListOffsetsResultInfo> found = get(admin.listOffsets(asked).all(), topic);
    return found.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset()));
  }

  private static long sum(Map<TopicPartition, Long> offsets) {
    return offsets.values().stream().mapToLong(Long::longValue).sum();
  }

  private <T> T get(@Nullable Future<T> answer, String what) {
    if (answer == null) {
      throw new KafkaException("the broker says nothing of " + what);
    }
    try {
      return answer.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new KafkaException("the broker does not tell of " + what, e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaException("the broker takes too long to tell of " + what, e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
