package stream.adasim.indexer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import stream.adasim.schemas.settings.Settings;

class IndexerConfigTest {

  @Test
  void hasDefaultsForAllKeys() {
    IndexerConfig config = config(Map.of());

    assertThat(config.memoryCapacity()).isEqualTo(20_480);
    assertThat(config.memoryTopK()).isEqualTo(10);
    assertThat(config.memoryVotes()).isEqualTo(8);
    assertThat(config.applicationId()).isEqualTo("adasim-indexer");
    assertThat(config.computeBackend()).isEqualTo("auto");
    assertThat(config.commitInterval()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void dividesTheCapacityOverThePartitionsRoundedUp() {
    MemoryConfig memory =
        config(Map.of("memory.capacity", "10", "topic.partitions", "4", "memory.top-k", "3"))
            .memory();

    assertThat(memory.perStore()).isEqualTo(3);
    assertThat(memory.rows()).isEqualTo(12);
  }

  @Test
  void searchesExactlyUnlessToldOtherwise() {
    assertThat(config(Map.of()).memory().recall()).isEqualTo(1);
    assertThat(config(Map.of("memory.recall", "0.99")).memory().recall()).isEqualTo(0.99);
    assertThatThrownBy(() -> config(Map.of("memory.recall", "0.4")))
        .hasMessageContaining("memory.recall: found '0.4'; expected a number, 0.5..1.0");
  }

  @Test
  void refusesMoreNeighboursThanTheMemoryHolds() {
    assertThatThrownBy(() -> config(Map.of("memory.capacity", "5")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("memory.top-k=10 must be within 1..memory.capacity=5");
  }

  @Test
  void refusesRingsWithMoreCandidatesThanAByteCanNumber() {
    assertThatThrownBy(() -> config(Map.of("memory.votes", "26")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("memory.top-k=10 times memory.votes=26 must be below 256");
  }

  private static IndexerConfig config(Map<String, String> flags) {
    return IndexerConfig.from(Settings.load(IndexerConfig.definition(), null, Map.of(), flags));
  }
}
