package stream.adasim.indexer;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Banks;

/** The topology, driven record by record. */
final class Harness implements AutoCloseable {
  static final Duration RETENTION = Duration.ofDays(3);
  static final Instant START = Instant.parse("2026-11-02T00:00:00Z");
  static final String APPLICATION = "indexer-test";

  private static final String REPRESENTATIONS = "representations";
  private static final String DEAD_LETTERS = "dead-letters";

  final Counters counters = new Counters();
  final Bank bank;
  private final TopologyTestDriver driver;
  private final TestInputTopic<String, Representation> input;
  private final TestInputTopic<byte[], byte[]> rawInput;
  private final TestOutputTopic<String, Embedding> embeddings;
  private final TestOutputTopic<String, Neighbourhood> neighbours;
  private final TestOutputTopic<String, byte[]> deadLetters;
  private Instant now = START;

  Harness(Kernels kernels, MemoryConfig config, Path stateDir) {
    this(kernels, config, stateDir, PlainSerde.of(Representation.class));
  }

  Harness(
      Kernels kernels, MemoryConfig config, Path stateDir, Serde<Representation> representations) {
    this(kernels, config, new Batching(1, Duration.ofMillis(5)), stateDir, representations);
  }

  Harness(
      Kernels kernels,
      MemoryConfig config,
      Batching batching,
      Path stateDir,
      Serde<Representation> representations) {
    var parts =
        new IndexerTopology.Parts(
            config,
            batching,
            new Banks(kernels, config.rows(), config.sharded(), config.recall()),
            counters,
            RETENTION);
    bank = parts.banks().of(0);
    var serdes =
        new IndexerTopology.ValueSerdes(
            representations, PlainSerde.of(Embedding.class), PlainSerde.of(Neighbourhood.class));
    Properties properties =
        StreamsProperties.of(
            Map.of(
                StreamsConfig.APPLICATION_ID_CONFIG,
                APPLICATION,
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                "none:1",
                StreamsConfig.STATE_DIR_CONFIG,
                stateDir.toString()),
            DEAD_LETTERS,
            parts);
    // The driver forgets what is sent outside of processing within an open transaction, as dead
    // letters of undecodable records are.
    properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
    driver =
        new TopologyTestDriver(
            IndexerTopology.build(
                parts,
                new IndexerTopology.Topics(REPRESENTATIONS, "embeddings", "neighbours"),
                serdes),
            properties,
            START);
    input =
        driver.createInputTopic(
            REPRESENTATIONS, new StringSerializer(), serdes.representations().serializer());
    rawInput =
        driver.createInputTopic(
            REPRESENTATIONS, new ByteArraySerializer(), new ByteArraySerializer());
    embeddings =
        driver.createOutputTopic(
            "embeddings", new StringDeserializer(), serdes.embeddings().deserializer());
    neighbours =
        driver.createOutputTopic(
            "neighbours", new StringDeserializer(), serdes.neighbours().deserializer());
    deadLetters =
        driver.createOutputTopic(
            DEAD_LETTERS, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** Sends one record a second after the one before. */
  void send(String id, @Nullable Representation value) {
    pass(Duration.ofSeconds(1));
    input.pipeInput(id, value, now);
  }

  void sendBytes(byte[] key, byte[] value) {
    pass(Duration.ofSeconds(1));
    rawInput.pipeInput(key, value, now);
  }

  void pass(Duration time) {
    now = now.plus(time);
  }

  /** Lets time pass without a record. */
  void passOnTheClock(Duration time) {
    pass(time);
    driver.advanceWallClockTime(time);
  }

  Instant now() {
    return now;
  }

  List<KeyValue<String, Embedding>> embeddings() {
    return embeddings.readKeyValuesToList();
  }

  List<KeyValue<String, Neighbourhood>> neighbours() {
    return neighbours.readKeyValuesToList();
  }

  /** The newest neighbourhood; there must be one. */
  Neighbourhood neighbourhood() {
    return neighbours().getLast().value;
  }

  List<TestRecord<String, byte[]>> deadLetters() {
    return deadLetters.readRecordsToList();
  }

  /** What a store holds, id to value in hexadecimal digits. */
  Map<String, String> state(String store) {
    Map<String, String> state = new HashMap<>();
    try (KeyValueIterator<String, byte[]> all =
        driver.<String, byte[]>getKeyValueStore(store).all()) {
      all.forEachRemaining(entry -> state.put(entry.key, HexFormat.of().formatHex(entry.value)));
    }
    return state;
  }

  /** The embeddings that can be asked for. */
  Map<String, Embedding> published() {
    Map<String, Embedding> state = new HashMap<>();
    try (KeyValueIterator<String, Embedding> all =
        driver.<String, Embedding>getKeyValueStore(IndexerTopology.PUBLISHED).all()) {
      all.forEachRemaining(entry -> state.put(entry.key, entry.value));
    }
    return state;
  }

  /** What all stores hold. */
  List<Map<String, String>> states() {
    return List.of(
        state(IndexerTopology.BANK),
        state(IndexerTopology.RINGS),
        state(IndexerTopology.ENDS),
        published().entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toString())));
  }

  /** Everything written to a store's changelog so far, in order. */
  List<KeyValue<byte[], byte[]>> changelog(String store) {
    return new ArrayList<>(
        driver
            .createOutputTopic(
                APPLICATION + "-" + store + "-changelog",
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())
            .readKeyValuesToList());
  }

  @Override
  public void close() {
    driver.close();
  }
}
