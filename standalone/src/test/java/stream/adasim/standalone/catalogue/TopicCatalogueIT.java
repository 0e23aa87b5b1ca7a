package stream.adasim.standalone.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.schemas.catalogue.CatalogueException;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.fixture.KafkaFixture;

class TopicCatalogueIT {

  @TempDir static Path folder;
  private static KafkaFixture kafka;

  @BeforeAll
  static void startKafka() {
    kafka = KafkaFixture.start(folder);
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void createsEveryTopicAsTheCatalogueSaysAndAcceptsItAfterwards() throws Exception {
    Connection connection = connection("whole.", 3);
    TopicCatalogue catalogue = new TopicCatalogue(connection);
    try (Admin admin = Admin.create(connection.admin())) {
      catalogue.ensure(admin);
      catalogue.ensure(admin);
      Map<String, Integer> expected = new HashMap<>();
      for (Topic topic : Topic.values()) {
        expected.put(catalogue.name(topic), topic.byImage() ? 3 : 1);
      }
      Map<String, Integer> found = new HashMap<>();
      admin
          .describeTopics(expected.keySet())
          .allTopicNames()
          .get()
          .forEach((name, description) -> found.put(name, description.partitions().size()));
      assertThat(found).isEqualTo(expected);
    }
  }

  @Test
  void refusesAnotherPartitionCountAndSaysWhatToDo() throws Exception {
    Connection connection = connection("other.", 3);
    try (Admin admin = Admin.create(connection.admin())) {
      new TopicCatalogue(connection).ensure(admin);
      TopicCatalogue wider = new TopicCatalogue(connection("other.", 5));
      assertThatThrownBy(() -> wider.ensure(admin))
          .isInstanceOf(CatalogueException.class)
          .hasMessageContaining("other.images")
          .hasMessageContaining("found 3 partitions")
          .hasMessageContaining("topic.partitions=5")
          .hasMessageContaining("topic.partitions=3");
    }
  }

  @Test
  void refusesATopicThatKeepsItsRecordsInAnotherWay() throws Exception {
    Connection connection = connection("kept.", 2);
    try (Admin admin = Admin.create(connection.admin())) {
      admin
          .createTopics(
              List.of(
                  new NewTopic("kept.embeddings", 2, (short) 1)
                      .configs(Map.of("cleanup.policy", "delete"))))
          .all()
          .get();
      assertThatThrownBy(() -> new TopicCatalogue(connection).ensure(admin))
          .isInstanceOf(CatalogueException.class)
          .hasMessageContaining("kept.embeddings")
          .hasMessageContaining("cleanup.policy");
    }
  }

  private static Connection connection(String prefix, int partitions) {
    return Connection.from(
        Settings.load(
            Connection.define(new ConfigDef()),
            null,
            Map.of(),
            Map.of(
                "bootstrap.servers",
                kafka.bootstrapServers(),
                "topic.prefix",
                prefix,
                "topic.partitions",
                Integer.toString(partitions))));
  }
}
