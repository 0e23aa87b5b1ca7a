package stream.adasim.indexer;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.votes.Ring;

/** The one sub-topology: {@code representations} to {@code embeddings} and {@code neighbours}. */
public final class IndexerTopology {
  /** Image id to {@link Memory}. */
  public static final String BANK = "bank";

  /** Image id to {@link Ring}. */
  public static final String RINGS = "rings";

  /** Image id to {@link End}. */
  static final String ENDS = "ends";

  /** Image id to its current {@link Embedding}; deleted with the image. */
  public static final String PUBLISHED = "published";

  static final String EMBEDDINGS_SINK = "embeddings";
  static final String NEIGHBOURS_SINK = "neighbours";

  private static final String SOURCE = "representations";
  private static final String MEMORY = "memory";

  /**
   * The bank is read from its changelog's start at every start, and the open segment of a log is
   * never compacted: small segments, compacted early, bound what has to be read.
   */
  private static final Map<String, String> CHANGELOG =
      Map.of(
          TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(32 << 20),
          TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Duration.ofHours(1).toMillis()),
          TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2");

  private IndexerTopology() {}

  /** Full names of the topics. */
  record Topics(String representations, String embeddings, String neighbours) {}

  /** How the values of the topics are read and written. */
  record ValueSerdes(
      Serde<Representation> representations,
      Serde<Embedding> embeddings,
      Serde<Neighbourhood> neighbours) {}

  /**
   * @param bank shared by all tasks that this topology will have in this instance
   * @param retention how long {@code representations} are kept
   */
  static Topology build(
      MemoryConfig config,
      Topics topics,
      ValueSerdes serdes,
      Bank bank,
      Counters counters,
      Duration retention) {
    return new Topology()
        .addSource(
            SOURCE,
            new StringDeserializer(),
            serdes.representations().deserializer(),
            topics.representations())
        .addProcessor(MEMORY, () -> new MemoryProcessor(config, bank, counters, retention), SOURCE)
        .addStateStore(logged(new BankSupplier(bank)), MEMORY)
        .addStateStore(logged(Stores.persistentKeyValueStore(RINGS)), MEMORY)
        .addStateStore(logged(Stores.persistentKeyValueStore(ENDS)), MEMORY)
        .addStateStore(
            Stores.keyValueStoreBuilder(
                    Stores.persistentKeyValueStore(PUBLISHED),
                    Serdes.String(),
                    PublishedSerde.of(topics.embeddings(), serdes.embeddings()))
                .withCachingDisabled()
                .withLoggingEnabled(CHANGELOG),
            MEMORY)
        .addSink(
            EMBEDDINGS_SINK,
            topics.embeddings(),
            new StringSerializer(),
            serdes.embeddings().serializer(),
            MEMORY)
        .addSink(
            NEIGHBOURS_SINK,
            topics.neighbours(),
            new StringSerializer(),
            serdes.neighbours().serializer(),
            MEMORY);
  }

  private static StoreBuilder<KeyValueStore<String, byte[]>> logged(
      KeyValueBytesStoreSupplier supplier) {
    return Stores.keyValueStoreBuilder(supplier, Serdes.String(), Serdes.ByteArray())
        .withCachingDisabled()
        .withLoggingEnabled(CHANGELOG);
  }

  private record BankSupplier(Bank bank) implements KeyValueBytesStoreSupplier {
    @Override
    public String name() {
      return BANK;
    }

    @Override
    public KeyValueStore<Bytes, byte[]> get() {
      return new BankStore(BANK, bank);
    }

    @Override
    public String metricsScope() {
      return "bank";
    }
  }
}
