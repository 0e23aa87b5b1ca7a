package stream.adasim.schemas.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.schemas.registry.Compatibility;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;

final class TopicTest {
  private static Connection with(Map<String, String> flags) {
    return Connection.from(
        Settings.load(Connection.define(new ConfigDef()), null, Map.of(), flags));
  }

  @Test
  void exactlyTheTopicsKeyedByImageIdHaveThePartitionsThatAreSet() {
    Connection connection = with(Map.of("topic.partitions", "7"));
    assertThat(Arrays.stream(Topic.values()).filter(t -> t.partitions(connection) == 7))
        .containsExactlyInAnyOrder(
            Topic.IMAGES, Topic.REPRESENTATIONS, Topic.NEIGHBOURS, Topic.EMBEDDINGS)
        .allMatch(topic -> topic.key().equals("image id"));
    assertThat(Arrays.stream(Topic.values()).filter(t -> t.partitions(connection) == 1)).hasSize(4);
  }

  @Test
  void whatUsersMeetEvolvesInBothDirectionsForGood() {
    assertThat(
            Arrays.stream(Topic.values())
                .filter(topic -> topic.compatibility() == Compatibility.FULL_TRANSITIVE))
        .containsExactlyInAnyOrder(Topic.IMAGES, Topic.EMBEDDINGS, Topic.NEIGHBOURS);
  }

  @ParameterizedTest
  @EnumSource
  void hasARuleExactlyWhereItHasASchema(Topic topic) {
    assertThat(topic.compatibility() == null).isEqualTo(topic.valueSchema() == null);
  }

  @ParameterizedTest
  @EnumSource
  void closesSegmentsWhereCompactionMustHappenAndForgetsByTimeElsewhere(Topic topic) {
    Map<String, String> configs = topic.configs(with(Map.of()));
    if (topic.cleanupPolicy().equals("compact")) {
      assertThat(configs)
          .containsKeys("segment.ms", "segment.bytes", "max.compaction.lag.ms")
          .doesNotContainKey("retention.ms");
      // A broker refuses a batch that is larger than a segment.
      assertThat(Integer.parseInt(configs.get("segment.bytes")))
          .isGreaterThan(Integer.parseInt(configs.get("max.message.bytes")));
    } else {
      assertThat(configs).containsKey("retention.ms").doesNotContainKey("segment.ms");
    }
    assertThat(configs).containsEntry("cleanup.policy", topic.cleanupPolicy());
  }

  @Test
  void limitsOfLargeRecordsFollowTheLargestImage() {
    Connection connection = with(Map.of("image.max-bytes", "20000000"));
    assertThat(Topic.IMAGES.maxMessageBytes(connection)).isGreaterThan(20_000_000);
    assertThat(Topic.MODELS.maxMessageBytes(connection)).isGreaterThan(20_000_000);
    assertThat(Topic.IMAGES_DEAD_LETTER.maxMessageBytes(connection))
        .isGreaterThan(Topic.IMAGES.maxMessageBytes(connection));
    assertThat(Topic.EMBEDDINGS.maxMessageBytes(connection)).isLessThan(2_000_000);
  }

  @Test
  void asksForTwoAcknowledgementsWhereThereAreThreeReplicas() {
    assertThat(Topic.IMAGES.configs(with(Map.of("topic.replication-factor", "3"))))
        .containsEntry("min.insync.replicas", "2");
    assertThat(Topic.IMAGES.configs(with(Map.of()))).doesNotContainKey("min.insync.replicas");
  }

  @Test
  void theTableHasALineForEveryTopic() {
    assertThat(TopicTable.markdown().lines()).hasSize(2 + Topic.values().length);
    assertThat(TopicTable.markdown())
        .contains(
            "| `embeddings` | image id | `Embedding` | P | compact: the newest per key"
                + " | indexer -> users |");
  }
}
