package stream.adasim.standalone.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaNormalization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Embedding;
import stream.adasim.schemas.registry.IncompatibleSchemaException;
import stream.adasim.schemas.registry.SchemaNotFoundException;
import stream.adasim.schemas.registry.SchemaRegistry;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.UnknownSchemaIdException;
import stream.adasim.standalone.broker.EmbeddedBroker;
import stream.adasim.standalone.fixture.KafkaFixture;
import stream.adasim.standalone.fixture.RegistryFixture;

@Timeout(120)
class RegistryIT {

  private static final Schema SCHEMA =
      SchemaBuilder.record("Note").namespace("test").fields().requiredString("text").endRecord();

  @TempDir Path folder;

  @Test
  void keepsWhatItAcknowledgedThroughAKillAndARestartOfTheBroker() throws Exception {
    int id;
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0, 1 << 20);
        RegistryProcess registry = start(broker.bootstrapServers())) {
      try (SchemaRegistry client = client(registry)) {
        id = client.register("notes-value", SCHEMA);
      }
      ProcessHandle process = ProcessHandle.of(registry.pid()).orElseThrow();
      process.destroyForcibly();
      registry.onExit().get(10, TimeUnit.SECONDS);
    }
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), 0, 1 << 20);
        RegistryProcess registry = start(broker.bootstrapServers());
        SchemaRegistry client = client(registry)) {
      assertThat(client.byId(id)).isEqualTo(SCHEMA);
      assertThat(client.latest("notes-value").id()).isEqualTo(id);
      assertThat(client.register("notes-value", SCHEMA)).isEqualTo(id);
    }
  }

  @Test
  void carriesRecordsAndRefusesWhatDoesNotFit() throws Exception {
    try (KafkaFixture kafka = KafkaFixture.start(folder.resolve("broker"));
        RegistryProcess registry = start(kafka.bootstrapServers());
        SchemaRegistry client = client(registry)) {
      recordsComeBackAsTheyWere(client);
      anIncompatibleSchemaIsRefusedByNameOfItsField(client);
      anUnknownIdIsBadData(client);
    }
  }

  private static void recordsComeBackAsTheyWere(SchemaRegistry client) {
    Embedding sent =
        Embedding.newBuilder()
            .setVector(List.of(0.6f, 0.8f))
            .setDimension(2)
            .setModelId("m")
            .setModelVersion(3)
            .setCapturedAt(Instant.ofEpochMilli(1))
            .setEmbeddedAt(Instant.ofEpochMilli(2))
            .setSourcePartition(1)
            .setSourceOffset(9)
            .build();
    try (var serializer = new AvroSerializer<Embedding>(client);
        var deserializer = new AvroDeserializer<>(Embedding.class, client)) {
      byte[] bytes = serializer.serialize("embeddings", sent);
      assertThat(deserializer.deserialize("embeddings", bytes)).isEqualTo(sent);
    }
    assertThat(canonical(client.latest("embeddings-value").schema()))
        .isEqualTo(canonical(Embedding.getClassSchema()));
  }

  /** Without documentation and the hints for Java that generated classes add. */
  private static String canonical(Schema schema) {
    return SchemaNormalization.toParsingForm(schema);
  }

  private static void anIncompatibleSchemaIsRefusedByNameOfItsField(SchemaRegistry client) {
    client.register("notes-value", SCHEMA);
    Schema changed =
        SchemaBuilder.record("Note")
            .namespace("test")
            .fields()
            .requiredString("text")
            .requiredInt("pages")
            .endRecord();
    assertThatThrownBy(() -> client.register("notes-value", changed))
        .isInstanceOf(IncompatibleSchemaException.class)
        .hasMessageContaining("notes-value")
        .hasMessageContaining("pages");
  }

  private static void anUnknownIdIsBadData(SchemaRegistry client) {
    assertThatThrownBy(() -> client.byId(4711)).isInstanceOf(SchemaNotFoundException.class);
    byte[] bytes = ByteBuffer.allocate(6).put((byte) 0).putInt(4711).array();
    try (var deserializer = new AvroDeserializer<>(Embedding.class, client)) {
      assertThatThrownBy(() -> deserializer.deserialize("embeddings", bytes))
          .isInstanceOf(UnknownSchemaIdException.class)
          .hasMessageContaining("4711");
    }
  }

  @Test
  void outlivesAnInterruptAndEndsWithItsParentEvenWhenThatIsKilled() throws Exception {
    try (KafkaFixture kafka = KafkaFixture.start(folder.resolve("broker"))) {
      Process parent = parent(kafka.bootstrapServers());
      try (BufferedReader out = parent.inputReader()) {
        ProcessHandle registry = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
        URI url = URI.create(out.readLine());

        new ProcessBuilder("/bin/sh", "-c", "kill -INT " + registry.pid()).start().waitFor();
        assertThatThrownBy(() -> registry.onExit().get(1, TimeUnit.SECONDS))
            .isInstanceOf(TimeoutException.class);
        try (SchemaRegistry client = client(url)) {
          assertThat(client.knows("notes-value")).isFalse();
        }

        parent.destroyForcibly();
        registry.onExit().get(10, TimeUnit.SECONDS);
      } finally {
        parent.destroyForcibly();
      }
    }
  }

  /** Another JVM that starts the registry; it prints the registry's process id and URL. */
  private Process parent(String bootstrapServers) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            RegistryParent.class.getName(),
            folder.toString(),
            bootstrapServers,
            RegistryFixture.home().toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  @Test
  void showsTheEndOfItsLogWhenItCannotServe() throws IOException {
    // On a slow machine its process may outlive the wait, the reason far above the log's end.
    assertThatThrownBy(() -> start("not an address"))
        .isInstanceOf(RegistryStartException.class)
        .hasMessageContaining("registry.log");
    assertThat(folder.resolve("registry.log")).content().contains("not an address");
  }

  @Test
  void saysWhichPortIsTakenAndWhichOptionChangesIt() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      int port = other.getLocalPort();
      assertThatThrownBy(
              () -> RegistryProcess.start(RegistryFixture.home(), folder, port, "127.0.0.1:1"))
          .isInstanceOf(RegistryStartException.class)
          .hasMessageContaining("Port " + port)
          .hasMessageContaining("--registry-port");
    }
  }

  private RegistryProcess start(String bootstrapServers) {
    return RegistryFixture.start(folder, bootstrapServers);
  }

  private static SchemaRegistry client(RegistryProcess registry) {
    return client(registry.url());
  }

  private static SchemaRegistry client(URI url) {
    return SchemaRegistry.open(Map.of("schema.registry.url", url.toString()));
  }
}
