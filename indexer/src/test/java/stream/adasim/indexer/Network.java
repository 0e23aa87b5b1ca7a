package stream.adasim.indexer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.MockProcessorContext.CapturedForward;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.memory.Banks;
import stream.adasim.indexer.votes.Ring;

/**
 * All tasks of a memory with shards and the topics between them, in one thread: tests say which
 * task goes on when, and which one dies and comes back with what its stores hold.
 */
final class Network {
  static final int PARTITIONS = 3;

  final Counters counters = new Counters();
  final Banks banks;
  final MemoryConfig config;
  private final IndexerTopology.Parts parts;
  private final Path stateDir;
  private final List<Images> images = new ArrayList<>();
  private final List<Shard> shards = new ArrayList<>();
  private final List<KeyValue<String, @Nullable Neighbourhood>> neighbours = new ArrayList<>();
  private final List<KeyValue<String, @Nullable Embedding>> embeddings = new ArrayList<>();
  private long offset;

  Network(Kernels kernels, MemoryConfig config, int batch, Path stateDir) {
    this.config = config;
    this.stateDir = stateDir;
    banks = new Banks(kernels, config.rows(), true, config.recall());
    parts =
        new IndexerTopology.Parts(
            config, new Batching(batch, Duration.ofMillis(5)), banks, counters, Duration.ofDays(3));
    for (int p = 0; p < PARTITIONS; p++) {
      images.add(new Images(p));
    }
    for (int s = 0; s < config.shards(); s++) {
      shards.add(new Shard(s));
    }
  }

  /** Sends a record and lets scatter take it. */
  void send(String id, Representation value) {
    images.get(partition(id)).scatter(id, value, offset++);
  }

  /** Lets everything go its way until nothing waits any more. */
  void settle() {
    boolean went = true;
    while (went) {
      went = false;
      for (Shard shard : shards) {
        while (shard.step()) {
          went = true;
        }
        shard.punctuate();
      }
      for (Images partition : images) {
        while (partition.step()) {
          went = true;
        }
      }
    }
  }

  /** One task takes one record, or looks at its clock. */
  void stepAny(Random random) {
    int task = random.nextInt(2 * shards.size() + images.size());
    if (task < shards.size()) {
      shards.get(task).step();
    } else if (task < 2 * shards.size()) {
      shards.get(task - shards.size()).punctuate();
    } else {
      images.get(task - 2 * shards.size()).step();
    }
  }

  /** A shard takes all that was sent to it, and answers. */
  void answer(int shard) {
    take(shard);
    shards.get(shard).punctuate();
  }

  /** A shard takes all that was sent to it, and lets it wait. */
  void take(int shard) {
    while (shards.get(shard).step()) {}
  }

  /** Gather takes all answers that are there. */
  void gather() {
    images.forEach(
        partition -> {
          while (partition.step()) {}
        });
  }

  /** A shard's task dies after a commit and is opened again, elsewhere or here. */
  void reopen(int shard) {
    shards.get(shard).open();
  }

  /** What was published since the last call. */
  List<KeyValue<String, @Nullable Neighbourhood>> neighbours() {
    List<KeyValue<String, @Nullable Neighbourhood>> published = List.copyOf(neighbours);
    neighbours.clear();
    return published;
  }

  List<KeyValue<String, @Nullable Embedding>> embeddings() {
    List<KeyValue<String, @Nullable Embedding>> published = List.copyOf(embeddings);
    embeddings.clear();
    return published;
  }

  /** What the stores of one name hold in all tasks, id to value in hexadecimal digits. */
  Map<String, String> state(String store) {
    Map<String, String> state = new HashMap<>();
    images.forEach(partition -> partition.add(store, state));
    shards.forEach(shard -> shard.add(store, state));
    return state;
  }

  @Nullable Ring ring(String id) {
    byte[] stored = images.get(partition(id)).rings.get(id);
    return stored == null ? null : Ring.decode(stored);
  }

  private static int partition(String id) {
    return Math.floorMod(id.hashCode() * 31, PARTITIONS);
  }

  private <K, V> MockProcessorContext<K, V> context(int subtopology, int partition) {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "network");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    MockProcessorContext<K, V> context =
        new MockProcessorContext<>(
            properties, new TaskId(subtopology, partition), stateDir.toFile());
    context.setCurrentSystemTimeMs(0);
    return context;
  }

  private static <K, V> KeyValueStore<K, V> store(
      MockProcessorContext<?, ?> context,
      KeyValueBytesStoreSupplier supplier,
      Serde<K> keys,
      Serde<V> values) {
    KeyValueStore<K, V> store =
        Stores.keyValueStoreBuilder(supplier, keys, values).withLoggingDisabled().build();
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
    return store;
  }

  private static KeyValueStore<String, byte[]> store(
      MockProcessorContext<?, ?> context, String name) {
    return store(context, Stores.inMemoryKeyValueStore(name), Serdes.String(), Serdes.ByteArray());
  }

  private static <V> void add(
      KeyValueStore<V, byte[]> store, String name, Map<String, String> state) {
    if (store.name().equals(name)) {
      try (KeyValueIterator<V, byte[]> all = store.all()) {
        all.forEachRemaining(e -> state.put(e.key.toString(), HexFormat.of().formatHex(e.value)));
      }
    }
  }

  /** Scatter and gather of one partition. */
  private final class Images {
    private final MockProcessorContext<String, Object> scattering;
    private final MockProcessorContext<String, Object> gathering;
    private final ScatterProcessor scatter = new ScatterProcessor(parts);
    private final Processor<String, Answer, String, Object> gather = new GatherProcessor(config);
    private final KeyValueStore<String, byte[]> rings;
    private final KeyValueStore<String, byte[]> ends;
    private final KeyValueStore<String, byte[]> flights;
    private final ArrayDeque<KeyValue<String, byte[]>> answers = new ArrayDeque<>();
    private final int partition;

    Images(int partition) {
      this.partition = partition;
      scattering = context(0, partition);
      gathering = context(0, partition);
      rings = store(scattering, IndexerTopology.RINGS);
      ends = store(scattering, IndexerTopology.ENDS);
      flights = store(scattering, config.flightsStore());
      store(
          scattering,
          Stores.inMemoryKeyValueStore(IndexerTopology.PUBLISHED),
          Serdes.String(),
          PlainSerde.of(Embedding.class));
      gathering.addStateStore(rings);
      gathering.addStateStore(flights);
      scatter.init(scattering);
      gather.init(gathering);
    }

    void scatter(String id, Representation value, long at) {
      scattering.setRecordMetadata("representations", partition, at);
      scatter.process(new Record<>(id, value, at));
      route(scattering);
    }

    boolean step() {
      KeyValue<String, byte[]> next = answers.poll();
      if (next == null) {
        return false;
      }
      gather.process(new Record<>(next.key, Answer.decode(next.value), 0));
      route(gathering);
      return true;
    }

    private void route(MockProcessorContext<String, Object> context) {
      for (CapturedForward<? extends String, ? extends Object> forward : context.forwarded()) {
        String id = forward.record().key();
        Object value = forward.record().value();
        switch (forward.childName().orElseThrow()) {
          case IndexerTopology.ASKED -> {
            Ask ask = (Ask) value;
            shards.get(ask.shard()).questions.add(KeyValue.pair(id, ask.encode()));
          }
          case IndexerTopology.NEIGHBOURS_SINK ->
              neighbours.add(KeyValue.pair(id, (Neighbourhood) value));
          default -> embeddings.add(KeyValue.pair(id, (Embedding) value));
        }
      }
      context.resetForwards();
    }

    void add(String name, Map<String, String> state) {
      Network.add(rings, name, state);
      Network.add(ends, name, state);
      Network.add(flights, name, state);
    }
  }

  /** One shard. */
  private final class Shard {
    private final int shard;
    private final MockProcessorContext<String, Answer> context;
    private final KeyValueStore<String, byte[]> bank;
    private final KeyValueStore<Integer, byte[]> waiting;
    private final ArrayDeque<KeyValue<String, byte[]>> questions = new ArrayDeque<>();
    private ShardProcessor search = new ShardProcessor(parts);
    private long clock;

    Shard(int shard) {
      this.shard = shard;
      context = context(1, shard);
      bank =
          store(
              context,
              new IndexerTopology.BankSupplier(config.bankStore(), banks),
              Serdes.String(),
              Serdes.ByteArray());
      waiting =
          store(
              context,
              Stores.inMemoryKeyValueStore(config.waitingStore()),
              Serdes.Integer(),
              Serdes.ByteArray());
      open();
    }

    void open() {
      search = new ShardProcessor(parts);
      search.init(context);
    }

    boolean step() {
      KeyValue<String, byte[]> next = questions.poll();
      if (next == null) {
        return false;
      }
      context.setRecordMetadata("questions", shard, clock++);
      search.process(new Record<>(next.key, Ask.decode(next.value), 0));
      route();
      return true;
    }

    void punctuate() {
      context.scheduledPunctuators().getLast().getPunctuator().punctuate(clock++);
      route();
    }

    private void route() {
      for (CapturedForward<? extends String, ? extends Answer> forward : context.forwarded()) {
        String id = forward.record().key();
        images
            .get(Network.partition(id))
            .answers
            .add(KeyValue.pair(id, forward.record().value().encode()));
      }
      context.resetForwards();
    }

    void add(String name, Map<String, String> state) {
      Network.add(bank, name, state);
      Network.add(waiting, name, state);
    }
  }
}
