package stream.adasim.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {

  private static final int MAX_MESSAGE_BYTES = 3 << 20;
  private static final String TOPIC = "kept";

  @TempDir Path folder;

  @Test
  void keepsRecordsAndClusterIdThroughARestartOnAnotherPort() throws Exception {
    byte[] large = new byte[2 << 20];
    large[large.length - 1] = 42;
    String clusterId;
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, MAX_MESSAGE_BYTES)) {
      clusterId = broker.clusterId();
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        assertThat(admin.describeCluster().clusterId().get()).isEqualTo(clusterId);
      }
      try (var producer = producer(broker)) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(TOPIC, large)).get();
        producer.send(new ProducerRecord<>(TOPIC, new byte[] {7})).get();
        producer.commitTransaction();
      }
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, MAX_MESSAGE_BYTES);
        var consumer = consumer(broker)) {
      assertThat(broker.clusterId()).isEqualTo(clusterId);
      TopicPartition partition = new TopicPartition(TOPIC, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      assertThat(next(consumer)).isEqualTo(large);
      assertThat(next(consumer)).containsExactly(7);
    }
  }

  @Test
  void refusesRecordsAboveItsLimit() throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, MAX_MESSAGE_BYTES)) {
      try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
        admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
      }
      try (var producer = producer(broker)) {
        producer.initTransactions();
        producer.beginTransaction();
        assertThatThrownBy(
                () -> producer.send(new ProducerRecord<>(TOPIC, new byte[4 << 20])).get())
            .hasCauseInstanceOf(RecordTooLargeException.class);
      }
    }
  }

  @Test
  void saysWhichPortIsTakenAndWhichOptionChangesIt() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      int port = other.getLocalPort();
      assertThatThrownBy(() -> EmbeddedBroker.start(folder, port, MAX_MESSAGE_BYTES))
          .isInstanceOf(BrokerStartException.class)
          .hasMessageContaining("Port " + port)
          .hasMessageContaining("--kafka-port");
    }
    // The failed start must not hold on to the folder.
    BrokerFolder.open(folder).close();
  }

  @Test
  void listensOnTheLoopbackOnly() throws IOException {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, MAX_MESSAGE_BYTES)) {
      int port = broker.port();
      for (InetAddress address : outerAddresses()) {
        assertThatThrownBy(() -> new Socket(address, port).close())
            .as("%s:%d", address, port)
            .isInstanceOf(ConnectException.class);
      }
    }
  }

  private static List<InetAddress> outerAddresses() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
        .toList();
  }

  private static KafkaProducer<byte[], byte[]> producer(EmbeddedBroker broker) {
    return new KafkaProducer<>(
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "max.request.size",
            "16777216",
            "transactional.id",
            "test"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private static KafkaConsumer<byte[], byte[]> consumer(EmbeddedBroker broker) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            broker.bootstrapServers(),
            "max.poll.records",
            "1",
            "isolation.level",
            "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static byte[] next(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.poll(Duration.ofSeconds(20)).iterator().next().value();
  }
}
