package stream.adasim.indexer;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Banks;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.votes.Ring;

/**
 * {@code representations} to {@code embeddings} and {@code neighbours}: in one step where the
 * memory isn't sharded, else in three, with topics between them that Kafka Streams makes and
 * empties. Scatter and gather share a sub-topology and its stores, the shards have their own.
 */
public final class IndexerTopology {
  /** Image id to {@link Memory}; with shards its name says how many. */
  public static final String BANK = "bank";

  /** Image id to {@link Ring}. */
  public static final String RINGS = "rings";

  /** Image id to {@link End}. */
  static final String ENDS = "ends";

  /** Image id to its current {@link Embedding}; deleted with the image. */
  public static final String PUBLISHED = "published";

  static final String EMBEDDINGS_SINK = "embeddings";
  static final String NEIGHBOURS_SINK = "neighbours";
  static final String ASKED = "asked";

  private static final String SOURCE = "representations";
  private static final String MEMORY = "memory";
  private static final String SCATTER = "scatter";
  private static final String SEARCH = "search";
  private static final String GATHER = "gather";

  /**
   * The bank is read from its changelog's start at every start, and the open segment of a log is
   * never compacted: small segments, compacted early, bound what has to be read.
   */
  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(32 << 20),
          TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Duration.ofHours(1).toMillis()),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2");

  private final Parts parts;
  private final Topics topics;
  private final ValueSerdes serdes;

  private IndexerTopology(Parts parts, Topics topics, ValueSerdes serdes) {
    this.parts = parts;
    this.topics = topics;
    this.serdes = serdes;
  }

  /** Full names of the topics. */
  record Topics(String representations, String embeddings, String neighbours) {}

  /** How the values of the topics are read and written. */
  record ValueSerdes(
      Serde<Representation> representations,
      Serde<Embedding> embeddings,
      Serde<Neighbourhood> neighbours) {}

  /**
   * What all tasks of an instance share.
   *
   * @param dimensions length of each model's vectors, as far as this instance has met it
   * @param retention how long {@code representations} are kept
   */
  record Parts(
      MemoryConfig config,
      Batching batching,
      Banks banks,
      Counters counters,
      Duration retention,
      Map<Long, Integer> dimensions) {

    Parts(
        MemoryConfig config,
        Batching batching,
        Banks banks,
        Counters counters,
        Duration retention) {
      this(config, batching, banks, counters, retention, new ConcurrentHashMap<>());
    }
  }

  static Topology build(Parts parts, Topics topics, ValueSerdes serdes) {
    IndexerTopology made = new IndexerTopology(parts, topics, serdes);
    return parts.config().sharded() ? made.sharded() : made.whole();
  }

  private Topology whole() {
    SearchBatch batch =
        new SearchBatch(parts.banks().of(0), parts.config().partitions(), parts.config());
    Topology topology =
        new Topology()
            .addSource(
                SOURCE,
                new StringDeserializer(),
                serdes.representations().deserializer(),
                topics.representations())
            .addProcessor(MEMORY, () -> new MemoryProcessor(parts, batch), SOURCE)
            .addStateStore(bank(), MEMORY)
            .addStateStore(waiting(), MEMORY)
            .addStateStore(rings(), MEMORY)
            .addStateStore(ends(), MEMORY)
            .addStateStore(published(), MEMORY);
    addEmbeddings(topology, MEMORY);
    addNeighbours(topology, MEMORY);
    return topology;
  }

  private Topology sharded() {
    MemoryConfig config = parts.config();
    StreamsBuilder builder = new StreamsBuilder();
    builder
        .addStateStore(bank())
        .addStateStore(waiting())
        .addStateStore(flights())
        .addStateStore(rings())
        .addStateStore(ends())
        .addStateStore(published());
    KStream<String, Ask> asked =
        builder.stream(
                topics.representations(),
                Consumed.with(Serdes.String(), serdes.representations()).withName(SOURCE))
            .process(
                () -> new ScatterProcessor(parts),
                Named.as(SCATTER),
                RINGS,
                ENDS,
                PUBLISHED,
                config.flightsStore())
            .mapValues(Ask.class::cast, Named.as(ASKED));
    asked
        .repartition(
            Repartitioned.<String, Ask>as("questions" + config.suffix())
                .withKeySerde(Serdes.String())
                .withValueSerde(Ask.serde())
                .withNumberOfPartitions(config.shards())
                .withStreamPartitioner(
                    (topic, id, ask, shards) -> Optional.of(Set.of(ask.shard()))))
        .process(
            () -> new ShardProcessor(parts),
            Named.as(SEARCH),
            config.bankStore(),
            config.waitingStore())
        .repartition(
            Repartitioned.<String, Answer>as("answers" + config.suffix())
                .withKeySerde(Serdes.String())
                .withValueSerde(Answer.serde())
                .withNumberOfPartitions(config.partitions()))
        .process(() -> new GatherProcessor(config), Named.as(GATHER), RINGS, config.flightsStore());
    Topology topology = builder.build();
    addEmbeddings(topology, SCATTER);
    addNeighbours(topology, SCATTER, GATHER);
    return topology;
  }

  private void addEmbeddings(Topology topology, String parent) {
    topology.addSink(
        EMBEDDINGS_SINK,
        topics.embeddings(),
        new StringSerializer(),
        serdes.embeddings().serializer(),
        parent);
  }

  private void addNeighbours(Topology topology, String... parents) {
    topology.addSink(
        NEIGHBOURS_SINK,
        topics.neighbours(),
        new StringSerializer(),
        serdes.neighbours().serializer(),
        parents);
  }

  private StoreBuilder<KeyValueStore<String, byte[]>> bank() {
    return logged(new BankSupplier(parts.config().bankStore(), parts.banks()));
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> rings() {
    return logged(Stores.persistentKeyValueStore(RINGS));
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> ends() {
    return logged(Stores.persistentKeyValueStore(ENDS));
  }

  private StoreBuilder<KeyValueStore<String, Embedding>> published() {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(PUBLISHED),
            Serdes.String(),
            PublishedSerde.of(topics.embeddings(), serdes.embeddings()))
        .withCachingDisabled()
        .withLoggingEnabled(CHANGELOG);
  }

  private StoreBuilder<KeyValueStore<Integer, byte[]>> waiting() {
    return cached(parts.config().waitingStore(), Serdes.Integer());
  }

  private StoreBuilder<KeyValueStore<String, byte[]>> flights() {
    return cached(parts.config().flightsStore(), Serdes.String());
  }

  /** What comes and goes within one commit interval hardly reaches its changelog. */
  private static <K> StoreBuilder<KeyValueStore<K, byte[]>> cached(String name, Serde<K> keys) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), keys, Serdes.ByteArray())
        .withCachingEnabled()
        .withLoggingEnabled(CHANGELOG);
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> logged(
      KeyValueBytesStoreSupplier supplier) {
    return Stores.keyValueStoreBuilder(supplier, Serdes.String(), Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(CHANGELOG);
  }

  record BankSupplier(String name, Banks banks) implements KeyValueBytesStoreSupplier {
    @Override
    public KeyValueStore<Bytes, byte[]> get() {
      return new BankStore(name, banks::of);
    }

    @Override
    public String metricsScope() {
      return "bank";
    }
  }
}
