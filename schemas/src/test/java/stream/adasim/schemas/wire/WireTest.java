package stream.adasim.schemas.wire;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Image;
import stream.adasim.schemas.registry.IncompatibleSchemaException;
import stream.adasim.schemas.registry.ProtocolServer;
import stream.adasim.schemas.registry.ProtocolServer.Reply;
import stream.adasim.schemas.registry.ProtocolServer.Request;
import stream.adasim.schemas.registry.RegistryException;
import stream.adasim.schemas.registry.RegistryRefusedException;
import stream.adasim.schemas.registry.RegistryUnavailableException;
import stream.adasim.schemas.registry.SchemaNotFoundException;
import stream.adasim.schemas.registry.SchemaRegistry;

@Timeout(30)
final class WireTest {
  private static final Candidate CANDIDATE = new Candidate("a", 1L, 1f, 3);
  private static final String CANDIDATE_BYTES = "0000000007" + "0261" + "02" + "0000803f" + "06";

  private final Map<Integer, String> schemas = new ConcurrentHashMap<>();
  private final List<SchemaRegistry> registries = new ArrayList<>();
  private final ProtocolServer server = new ProtocolServer(this::reply);
  private volatile @Nullable Reply registered = Reply.json("{\"id\":7}");

  private Reply reply(Request request) {
    String line = request.line();
    if (line.startsWith("GET /schemas/ids/")) {
      String schema = schemas.get(Integer.parseInt(line.replaceAll(".*/ids/|\\?.*", "")));
      return schema == null ? Reply.notFound(40403) : Reply.json("{\"schema\":" + schema + "}");
    }
    if (line.endsWith("/versions/latest")) {
      return Reply.json("{\"id\":9,\"version\":2,\"schema\":" + schemas.get(9) + "}");
    }
    Reply reply = registered;
    return reply == null ? Reply.notFound(40403) : reply;
  }

  private void knows(int id, Schema schema) {
    schemas.put(id, "\"" + schema.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"");
  }

  private Map<String, Object> config(Object... more) {
    Map<String, Object> config = new HashMap<>();
    config.put("schema.registry.url", server.url());
    for (int i = 0; i < more.length; i += 2) {
      config.put(more[i].toString(), more[i + 1]);
    }
    return config;
  }

  private AvroSerializer<Candidate> serializer(Object... more) {
    return ours(config(more), false);
  }

  /** With a registry given, so that it's ours in every build. */
  private <T extends SpecificRecord> AvroSerializer<T> ours(
      Map<String, Object> config, boolean isKey) {
    AvroSerializer<T> serializer = new AvroSerializer<>(open(config));
    serializer.configure(config, isKey);
    return serializer;
  }

  private SchemaRegistry open(Map<String, Object> config) {
    SchemaRegistry registry = SchemaRegistry.open(config);
    registries.add(registry);
    return registry;
  }

  private <T extends SpecificRecord> AvroDeserializer<T> deserializer(Class<T> type) {
    return new AvroDeserializer<>(type, open(config()));
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static Image image() {
    return Image.newBuilder()
        .setBytes(ByteBuffer.wrap(new byte[] {1, 2, 3}))
        .setCapturedAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .setLabel("cat")
        .setAttributes(Map.of("k", "v"))
        .build();
  }

  @AfterEach
  void close() {
    registries.forEach(SchemaRegistry::close);
    server.close();
  }

  @Test
  void writesAZeroByteTheIdAndAvrosBinary() {
    try (AvroSerializer<Candidate> serializer = serializer()) {
      assertThat(serializer.serialize("t", CANDIDATE)).isEqualTo(bytes(CANDIDATE_BYTES));
      assertThat(server.requests().getFirst().line()).isEqualTo("POST /subjects/t-value/versions");
    }
  }

  @Test
  void readsTheBytesThatWereWrittenByHand() {
    knows(7, Candidate.SCHEMA$);
    try (AvroDeserializer<Candidate> deserializer = deserializer(Candidate.class)) {
      assertThat(deserializer.deserialize("t", bytes(CANDIDATE_BYTES))).isEqualTo(CANDIDATE);
    }
  }

  @Test
  void nullStaysNull() {
    try (AvroSerializer<Candidate> serializer = serializer();
        AvroDeserializer<Candidate> deserializer = deserializer(Candidate.class)) {
      assertThat(serializer.serialize("t", null)).isNull();
      assertThat(deserializer.deserialize("t", null)).isNull();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void namesKeysByTheirOwnSubject() {
    try (AvroSerializer<Candidate> serializer = ours(config(), true)) {
      serializer.serialize("t", CANDIDATE);
      assertThat(server.requests().getFirst().line()).isEqualTo("POST /subjects/t-key/versions");
    }
  }

  @Test
  void asksTheRegistryOncePerTopic() {
    try (AvroSerializer<Candidate> serializer = serializer()) {
      for (int i = 0; i < 3; i++) {
        serializer.serialize("t", CANDIDATE);
        serializer.serialize("u", CANDIDATE);
      }
      assertThat(server.requests()).hasSize(2);
    }
  }

  @Test
  void looksTheSchemaUpWhereItMayNotRegister() {
    try (AvroSerializer<Candidate> serializer = serializer("auto.register.schemas", false)) {
      assertThat(serializer.serialize("t", CANDIDATE)).isEqualTo(bytes(CANDIDATE_BYTES));
      assertThat(server.requests().getFirst().line()).isEqualTo("POST /subjects/t-value");
      registered = null;
      assertThatThrownBy(() -> serializer.serialize("u", CANDIDATE))
          .isInstanceOf(SchemaNotFoundException.class);
    }
  }

  @Test
  void writesWithTheNewestSchemaWhereItIsToldTo() {
    // Other order, one field less, one more with a default.
    knows(
        9,
        SchemaBuilder.record("Candidate")
            .namespace("stream.adasim.avro")
            .fields()
            .requiredInt("votes")
            .requiredString("id")
            .name("note")
            .type()
            .stringType()
            .stringDefault("x")
            .endRecord());
    try (AvroSerializer<Candidate> serializer =
        serializer("auto.register.schemas", "false", "use.latest.version", "true")) {
      assertThat(serializer.serialize("t", CANDIDATE))
          .isEqualTo(bytes("0000000009" + "06" + "0261" + "0278"));
    }
  }

  @Test
  void refusesANewestSchemaThatCannotTakeTheRecord() {
    knows(
        9,
        SchemaBuilder.record("Candidate")
            .namespace("stream.adasim.avro")
            .fields()
            .requiredString("unheard")
            .endRecord());
    try (AvroSerializer<Candidate> serializer =
        serializer("auto.register.schemas", "false", "use.latest.version", "true")) {
      assertThatThrownBy(() -> serializer.serialize("t", CANDIDATE))
          .isInstanceOf(IncompatibleSchemaException.class)
          .hasMessageContaining("unheard");
    }
  }

  @Test
  void aRecordWithoutARequiredValueIsAFaultOfTheProgram() {
    try (AvroSerializer<Image> serializer = ours(config(), false)) {
      assertThatThrownBy(() -> serializer.serialize("t", new Image()))
          .isInstanceOf(SerializationException.class)
          .isNotInstanceOf(BadDataException.class)
          .hasMessageContaining("Image");
    }
  }

  @Test
  void roundTripsEveryKindOfFieldWithTheClassesOfTheBuild() {
    knows(7, Image.SCHEMA$);
    try (Serde<Image> serde = AvroSerde.of(Image.class, config())) {
      byte[] value = serde.serializer().serialize("images", image());
      assertThat(serde.deserializer().deserialize("images", value)).isEqualTo(image());
    }
  }

  @Test
  void readsWhatAnOlderVersionOfTheSchemaWrote() throws IOException {
    knows(
        3,
        SchemaBuilder.record("Image")
            .namespace("stream.adasim.avro")
            .fields()
            .requiredLong("capturedAt")
            .requiredBytes("bytes")
            .requiredInt("retired")
            .endRecord());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(bytes("0000000003"));
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    encoder.writeLong(5);
    encoder.writeBytes(new byte[] {9});
    encoder.writeInt(1);
    encoder.flush();
    try (AvroDeserializer<Image> deserializer = deserializer(Image.class)) {
      Image image = deserializer.deserialize("images", out.toByteArray());
      assertThat(image)
          .isEqualTo(
              Image.newBuilder()
                  .setBytes(ByteBuffer.wrap(new byte[] {9}))
                  .setCapturedAt(Instant.ofEpochMilli(5))
                  .setSource("")
                  .build());
    }
  }

  @Test
  void whatIsNotOurFormatIsBadData() {
    try (AvroDeserializer<Candidate> deserializer = deserializer(Candidate.class)) {
      for (String hex : new String[] {"", "00", "00000007", "0100000007", "ffd8ffe000"}) {
        assertThatThrownBy(() -> deserializer.deserialize("t", bytes(hex)))
            .isInstanceOf(NotOurFormatException.class)
            .isInstanceOf(SerializationException.class)
            .hasMessageContaining("topic t");
      }
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void anUnknownIdIsBadData() {
    try (AvroDeserializer<Candidate> deserializer = deserializer(Candidate.class)) {
      assertThatThrownBy(() -> deserializer.deserialize("t", bytes(CANDIDATE_BYTES)))
          .isInstanceOf(UnknownSchemaIdException.class)
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("id 7");
    }
  }

  @Test
  void anotherRecordTypeIsBadData() {
    knows(7, Candidate.SCHEMA$);
    knows(8, Schema.create(Schema.Type.STRING));
    try (AvroDeserializer<Image> deserializer = deserializer(Image.class)) {
      assertThatThrownBy(() -> deserializer.deserialize("images", bytes(CANDIDATE_BYTES)))
          .isInstanceOf(WrongRecordTypeException.class)
          .hasMessageContaining("stream.adasim.avro.Candidate")
          .hasMessageContaining("stream.adasim.avro.Image");
      assertThatThrownBy(() -> deserializer.deserialize("images", bytes("00000000080261")))
          .isInstanceOf(WrongRecordTypeException.class);
    }
  }

  @Test
  void aSchemaThatLacksWhatWeNeedIsBadData() {
    knows(
        7,
        SchemaBuilder.record("Candidate")
            .namespace("stream.adasim.avro")
            .fields()
            .requiredString("id")
            .endRecord());
    try (AvroDeserializer<Candidate> deserializer = deserializer(Candidate.class)) {
      assertThatThrownBy(() -> deserializer.deserialize("t", bytes("00000000070261")))
          .isInstanceOf(UnreadableRecordException.class)
          .hasMessageContaining("missing required field");
    }
  }

  @Test
  void aForgedLengthTakesNoMemory() {
    knows(7, Image.SCHEMA$);
    knows(8, Embedding.SCHEMA$);
    try (AvroDeserializer<Image> images = deserializer(Image.class);
        AvroDeserializer<Embedding> embeddings = deserializer(Embedding.class)) {
      // A length of 2^31 - 20, in zigzag.
      String huge = "d8ffffff0f";
      long before = allocated();
      assertThatThrownBy(() -> images.deserialize("t", bytes("0000000007" + huge + "0102")))
          .isInstanceOf(UnreadableRecordException.class);
      assertThatThrownBy(() -> embeddings.deserialize("t", bytes("0000000008" + huge + "0102")))
          .isInstanceOf(UnreadableRecordException.class);
      // The same as a block of an array that claims its size in bytes: a count of -(2^31 - 20).
      assertThatThrownBy(
              () -> embeddings.deserialize("t", bytes("0000000008" + "d7ffffff0f" + "0400000000")))
          .isInstanceOf(UnreadableRecordException.class);
      assertThat(allocated() - before).isLessThan(100_000_000);
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void rottenBytesAreBadDataOrARecordAndHarmNothingAfterThem() {
    knows(7, Image.SCHEMA$);
    long seed = 20260117;
    SplittableRandom random = new SplittableRandom(seed);
    try (AvroSerializer<Image> serializer = ours(config(), false);
        AvroDeserializer<Image> deserializer = deserializer(Image.class)) {
      byte[] good = requireNonNull(serializer.serialize("t", image()));
      int refused = 0;
      for (int i = 0; i < 3_000; i++) {
        byte[] rotten = Arrays.copyOf(good, random.nextInt(5, good.length + 4));
        for (int n = random.nextInt(4); n > 0; n--) {
          rotten[random.nextInt(5, Math.max(6, rotten.length)) % rotten.length] =
              (byte) random.nextInt();
        }
        rotten[0] = 0;
        try {
          deserializer.deserialize("t", rotten);
        } catch (BadDataException e) {
          refused++;
        } catch (RegistryException e) {
          throw new AssertionError("seed " + seed + " round " + i, e);
        }
        assertThat(deserializer.deserialize("t", good))
            .as("seed %d round %d", seed, i)
            .isEqualTo(image());
      }
      assertThat(refused).as("seed %d", seed).isGreaterThan(1_000);
    }
  }

  @Test
  void bytesLeftOverAreBadData() {
    knows(7, Candidate.SCHEMA$);
    try (AvroDeserializer<Candidate> deserializer = deserializer(Candidate.class)) {
      assertThatThrownBy(() -> deserializer.deserialize("t", bytes(CANDIDATE_BYTES + "00")))
          .isInstanceOf(UnreadableRecordException.class)
          .hasMessageContaining("left over");
    }
  }

  @Test
  void aRegistryThatIsDownOrElsewhereIsABadWorld() {
    try (AvroDeserializer<Candidate> deserializer = new AvroDeserializer<>(Candidate.class)) {
      deserializer.configure(config(), false);
      server.close();
      assertThatThrownBy(() -> deserializer.deserialize("t", bytes(CANDIDATE_BYTES)))
          .isInstanceOf(RegistryUnavailableException.class)
          .isNotInstanceOf(SerializationException.class);
    }
    try (ProtocolServer elsewhere = new ProtocolServer(request -> new Reply(404, "<html/>"));
        AvroDeserializer<Candidate> deserializer = new AvroDeserializer<>(Candidate.class)) {
      deserializer.configure(Map.of("schema.registry.url", elsewhere.url()), false);
      assertThatThrownBy(() -> deserializer.deserialize("t", bytes(CANDIDATE_BYTES)))
          .isInstanceOf(RegistryRefusedException.class)
          .isNotInstanceOf(SerializationException.class);
    }
  }

  @Test
  void refusesToWorkBeforeItIsConfigured() {
    try (AvroSerializer<Candidate> serializer = new AvroSerializer<>()) {
      assertThatThrownBy(() -> serializer.serialize("t", CANDIDATE))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
