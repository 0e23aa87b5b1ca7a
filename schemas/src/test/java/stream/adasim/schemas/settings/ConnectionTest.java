package stream.adasim.schemas.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class ConnectionTest {
  private static Connection with(Map<String, String> flags) {
    return Connection.from(
        Settings.load(Connection.define(new ConfigDef()), null, Map.of(), flags));
  }

  private static long number(Map<String, Object> properties, String key) {
    return Long.parseLong(String.valueOf(properties.get(key)));
  }

  @Test
  void hasTheDocumentedDefaults() {
    Connection connection = with(Map.of());
    assertThat(connection.bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(connection.registryUrls()).containsExactly("http://localhost:8081/apis/ccompat/v7");
    assertThat(connection.autoRegisterSchemas()).isTrue();
    assertThat(connection.useLatestVersion()).isFalse();
    assertThat(connection.httpConnectTimeout()).hasMillis(5000);
    assertThat(connection.httpReadTimeout()).hasMillis(10_000);
    assertThat(connection.topicPrefix()).isEmpty();
    assertThat(connection.topicPartitions()).isEqualTo(4);
    assertThat(connection.topicReplicationFactor()).isEqualTo(1);
    assertThat(connection.imageMaxBytes()).isEqualTo(8_388_608);
  }

  @Test
  void lettingAnImageOfTheLargestSizeThroughEveryClientIsOneSetting() {
    for (int max : new int[] {1024, 8 << 20, 256 << 20}) {
      Connection connection = with(Map.of("image.max-bytes", Integer.toString(max)));
      assertThat(number(connection.producer(), "max.request.size")).isGreaterThan(max);
      assertThat(number(connection.producer(), "buffer.memory"))
          .isGreaterThan(number(connection.producer(), "max.request.size"));
      assertThat(number(connection.consumer("g"), "max.partition.fetch.bytes")).isGreaterThan(max);
      assertThat(number(connection.consumer("g"), "fetch.max.bytes")).isGreaterThan(max);
      Map<String, Object> streams = connection.streams("app");
      assertThat(number(streams, "producer.max.request.size")).isGreaterThan(max);
      assertThat(number(streams, "main.consumer.max.partition.fetch.bytes")).isGreaterThan(max);
      assertThat(number(streams, "topic.max.message.bytes")).isGreaterThan(max);
      assertThat(connection.deadLetterMaxBytes()).isGreaterThan(connection.recordMaxBytes());
    }
  }

  @Test
  void kafkaSettingsWinInEveryClient() {
    Connection connection =
        with(
            Map.of(
                "kafka.security.protocol", "SASL_SSL",
                "kafka.acks", "1",
                "kafka.enable.auto.commit", "true",
                "kafka.request.timeout.ms", "5",
                "kafka.group.id", "mine"));
    assertThat(connection.producer()).containsEntry("acks", "1");
    assertThat(connection.consumer("g"))
        .containsEntry("enable.auto.commit", "true")
        .containsEntry("group.id", "mine");
    assertThat(connection.admin()).containsEntry("request.timeout.ms", "5");
    assertThat(connection.streams("app")).containsEntry("security.protocol", "SASL_SSL");
    assertThat(connection.serde()).containsEntry("security.protocol", "SASL_SSL");
  }

  @Test
  void givesPropertiesThatKafkaAcceptsAndThatMayBeChanged() {
    Connection connection = with(Map.of());
    Map<String, Object> producer = connection.producer();
    producer.put("key.serializer", ByteArraySerializer.class);
    producer.put("value.serializer", ByteArraySerializer.class);
    ProducerConfig asRead = new ProducerConfig(producer);
    assertThat(asRead.getString("compression.type")).isEqualTo("none");
    assertThat(asRead.getBoolean("enable.idempotence")).isTrue();
    assertThat(asRead.unused()).isNotNull();
    Map<String, Object> consumer = connection.consumer("g");
    consumer.put("key.deserializer", ByteArrayDeserializer.class);
    consumer.put("value.deserializer", ByteArrayDeserializer.class);
    ConsumerConfig reading = new ConsumerConfig(consumer);
    assertThat(reading.getString("isolation.level")).isEqualTo("read_committed");
    assertThat(reading.getString("auto.offset.reset")).isEqualTo("earliest");
    assertThat(reading.getBoolean("enable.auto.commit")).isFalse();
    assertThat(reading.getString("group.id")).isEqualTo("g");
    assertThat(connection.consumer()).doesNotContainKey("group.id");
    assertThat(new AdminClientConfig(connection.admin()).getInt("request.timeout.ms"))
        .isEqualTo(10_000);
  }

  @Test
  void givesTheRegistrysPropertiesByConfluentsNames() {
    assertThat(with(Map.of()).serde())
        .containsEntry("schema.registry.url", "http://localhost:8081/apis/ccompat/v7")
        .containsEntry("auto.register.schemas", true)
        .containsEntry("use.latest.version", false)
        .containsEntry("http.connect.timeout.ms", 5000)
        .containsEntry("http.read.timeout.ms", 10_000)
        .doesNotContainKeys("basic.auth.user.info", "basic.auth.credentials.source");
    assertThat(with(Map.of("basic.auth.user.info", "me:hush")).serde())
        .containsEntry("basic.auth.credentials.source", "USER_INFO")
        .containsEntry("basic.auth.user.info", "me:hush");
    assertThat(with(Map.of("schema.registry.url", "http://a, http://b")).serde())
        .containsEntry("schema.registry.url", "http://a,http://b");
  }

  @Test
  void printsNoSecret() {
    assertThat(
            with(Map.of(
                    "schema.registry.url", "http://me:hush@host",
                    "basic.auth.user.info", "me:hush",
                    "kafka.sasl.jaas.config", "hush"))
                .toString())
        .contains("localhost:9092", "http://[redacted]@host")
        .doesNotContain("hush");
  }

  @Test
  void refusesAPrefixThatNoTopicMayHave() {
    assertThatThrownBy(() -> with(Map.of("topic.prefix", "my topics/")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("topic.prefix");
  }
}
