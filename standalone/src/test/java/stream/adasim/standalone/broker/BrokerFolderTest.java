package stream.adasim.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerFolderTest {

  @TempDir Path folder;

  @Test
  void keepsTheClusterIdFromOneOpeningToTheNext() {
    String first;
    try (BrokerFolder opened = BrokerFolder.open(folder)) {
      first = opened.clusterId();
    }
    try (BrokerFolder again = BrokerFolder.open(folder)) {
      assertThat(again.clusterId()).isEqualTo(first);
    }
  }

  @Test
  void refusesAFolderThatIsOpenAlready() {
    try (BrokerFolder _ = BrokerFolder.open(folder)) {
      assertThatThrownBy(() -> BrokerFolder.open(folder))
          .isInstanceOf(BrokerStartException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("in use by another running instance")
          .hasMessageContaining("--data");
    }
  }

  @Test
  void refusesAFolderWrittenByANewerKafka() throws IOException {
    BrokerFolder.open(folder).close();
    Files.writeString(folder.resolve("kafka.version"), "99.0.0");
    assertThatThrownBy(() -> BrokerFolder.open(folder))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining("written by Kafka 99.0.0")
        .hasMessageContaining("--data");
  }

  @Test
  void refusesAFolderOfSomebodyElseAndLeavesItAsItIs() throws IOException {
    Files.writeString(folder.resolve("holiday.jpg"), "not ours");
    assertThatThrownBy(() -> BrokerFolder.open(folder))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining("no embedded broker wrote");
    try (var entries = Files.list(folder)) {
      assertThat(entries).containsExactly(folder.resolve("holiday.jpg"));
    }
  }

  @Test
  void refusesAPathThatIsAFile() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatThrownBy(() -> BrokerFolder.open(file))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("--data");
  }

  @Test
  void refusesADiskThatIsNearlyFullUntilThereIsRoom() {
    assertThatThrownBy(() -> BrokerFolder.open(folder, path -> 700L << 20))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("700 MiB left")
        .hasMessageContaining("at least 1024 MiB. Make room")
        .hasMessageContaining("--data");
    BrokerFolder.open(folder, path -> 1L << 30).close();
  }

  @Test
  void saysWhichFileIsDamaged() throws IOException {
    BrokerFolder.open(folder).close();
    Path meta = folder.resolve("log").resolve("meta.properties");
    Files.writeString(meta, "version=1\n");
    assertThatThrownBy(() -> BrokerFolder.open(folder))
        .isInstanceOf(BrokerStartException.class)
        .hasMessageContaining(meta.toString())
        .hasMessageContaining("cluster.id");
  }

  @ParameterizedTest
  @CsvSource({
    "4.3.1, 4.3.1, true",
    "4.3.1, 4.10.0, true",
    "4.10.0, 4.3.1, false",
    "4.3, 4.3.1, true",
    "5.0.0, 4.3.1, false",
    "unknown, 4.3.1, false",
  })
  void continuesWhatTheSameOrAnOlderKafkaWrote(String theirs, String ours, boolean continues) {
    assertThat(BrokerFolder.continues(theirs, ours)).isEqualTo(continues);
  }
}
