package stream.adasim.indexer;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.http.QueryServer;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Banks;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.registry.SchemaRegistry;
import stream.adasim.schemas.wire.AvroSerde;

/**
 * The running indexer: reads {@code representations}, writes {@code embeddings} and {@code
 * neighbours}, exactly once (version 2). Instances under the same application id share the shards
 * of the memory; without shards one of them works and the others stand by.
 */
public final class IndexerService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IndexerService.class);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final KafkaStreams streams;
  private final Banks banks;
  private final Counters counters;
  private final String bankStore;
  private final Restoration restoration;
  private final @Nullable QueryServer server;
  private final @Nullable Kernels ownKernels;
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private IndexerService(
      KafkaStreams streams,
      IndexerTopology.Parts parts,
      @Nullable QueryServer server,
      @Nullable Kernels ownKernels) {
    this.streams = streams;
    this.banks = parts.banks();
    this.counters = parts.counters();
    this.bankStore = parts.config().bankStore();
    this.restoration = new Restoration(bankStore, banks);
    this.server = server;
    this.ownKernels = ownKernels;
  }

  /** Starts with kernels of its own, which it closes: those that the settings name. */
  public static IndexerService start(IndexerConfig config) {
    return startOwning(config, Backends.open(config.computeBackend(), config.computeThreads()));
  }

  /**
   * Creates missing topics and schemas and starts; returns before the memory is restored (see
   * {@link #ready}).
   *
   * @param kernels of somebody who computes at the same time, and closes them after this service:
   *     where they can ({@link Kernels#beside}), searches run on one thread beside them and never
   *     wait for a training step
   * @throws stream.adasim.schemas.catalogue.CatalogueException if topics are not as they must be
   * @throws stream.adasim.schemas.registry.RegistryException if the registry can't be reached
   */
  public static IndexerService start(IndexerConfig config, Kernels kernels) {
    Optional<Kernels> beside = kernels.beside();
    return beside.isPresent() ? startOwning(config, beside.get()) : start(config, kernels, null);
  }

  private static IndexerService startOwning(IndexerConfig config, Kernels kernels) {
    try {
      return start(config, kernels, kernels);
    } catch (RuntimeException e) {
      kernels.close();
      throw e;
    }
  }

  private static IndexerService start(
      IndexerConfig config, Kernels kernels, @Nullable Kernels ownKernels) {
    // Before Kafka Streams, which tells the other instances where it listens.
    QueryServer server =
        config.query().http().enabled() ? QueryServer.listen(config.query()) : null;
    try {
      return start(config, kernels, server, ownKernels);
    } catch (RuntimeException e) {
      if (server != null) {
        server.close();
      }
      throw e;
    }
  }

  private static IndexerService start(
      IndexerConfig config,
      Kernels kernels,
      @Nullable QueryServer server,
      @Nullable Kernels ownKernels) {
    TopicCatalogue catalogue = new TopicCatalogue(config.connection());
    Duration retention;
    try (Admin admin = Admin.create(config.connection().admin());
        SchemaRegistry registry = SchemaRegistry.open(config.connection().serde())) {
      catalogue.ensure(admin);
      catalogue.ensureSubjects(registry);
      retention = retention(admin, catalogue.name(Topic.REPRESENTATIONS));
      if (config.brokerAssigns()) {
        setStandbys(admin, config);
      }
    }
    Map<String, Object> serde = config.connection().serde();
    MemoryConfig memory = config.memory();
    IndexerTopology.Parts parts =
        new IndexerTopology.Parts(
            memory,
            config.batching(),
            new Banks(kernels, memory.rows(), memory.sharded(), memory.recall()),
            new Counters(),
            retention);
    KafkaStreams streams =
        new KafkaStreams(
            IndexerTopology.build(
                parts,
                new IndexerTopology.Topics(
                    catalogue.name(Topic.REPRESENTATIONS),
                    catalogue.name(Topic.EMBEDDINGS),
                    catalogue.name(Topic.NEIGHBOURS)),
                new IndexerTopology.ValueSerdes(
                    AvroSerde.of(Representation.class, serde),
                    AvroSerde.of(Embedding.class, serde),
                    AvroSerde.of(Neighbourhood.class, serde))),
            properties(config, server, catalogue.name(Topic.IMAGES_DEAD_LETTER), parts));
    IndexerService service = new IndexerService(streams, parts, server, ownKernels);
    service.listen();
    service.serve(config, parts);
    LOG.info(
        "indexer starting application={} memory={} retention={} kernels={}",
        config.applicationId(),
        memory,
        retention,
        kernels.describe());
    streams.start();
    return service;
  }

  private static Properties properties(
      IndexerConfig config,
      @Nullable QueryServer server,
      String deadLetters,
      IndexerTopology.Parts parts) {
    Map<String, Object> base = config.connection().streams(config.applicationId());
    base.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDir().toAbsolutePath().toString());
    base.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    base.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, config.groupProtocol());
    base.put(
        StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
        config.brokerAssigns() ? 0 : config.memoryStandbys());
    if (server != null) {
      base.put(StreamsConfig.APPLICATION_SERVER_CONFIG, server.advertised());
    }
    return StreamsProperties.of(base, deadLetters, parts);
  }

  /** Where the broker assigns, it must be told how many copies to assign. */
  private static void setStandbys(Admin admin, IndexerConfig config) {
    ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, config.applicationId());
    ConfigEntry standbys =
        new ConfigEntry("streams.num.standby.replicas", Integer.toString(config.memoryStandbys()));
    try {
      admin
          .incrementalAlterConfigs(
              Map.of(group, List.of(new AlterConfigOp(standbys, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    } catch (ExecutionException e) {
      throw new KafkaException(
          "standby replicas of group " + config.applicationId() + " could not be set",
          e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  /** How long the topic keeps records; the longest duration where it keeps them for ever. */
  private static Duration retention(Admin admin, String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      Config config =
          admin.describeConfigs(List.of(resource)).all().get().values().iterator().next();
      long retention = Long.parseLong(config.get(TopicConfig.RETENTION_MS_CONFIG).value());
      return Duration.ofMillis(retention < 0 ? Long.MAX_VALUE : retention);
    } catch (ExecutionException e) {
      throw new KafkaException("settings of topic " + topic + " could not be read", e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private void serve(IndexerConfig config, IndexerTopology.Parts parts) {
    if (server != null) {
      server.serve(
          new QueryServer.Indexer(
              config.applicationId(),
              streams,
              banks,
              bankStore,
              parts.config().stores(),
              config.memoryTopK(),
              config.memoryCapacity(),
              counters::counts,
              () -> Optional.ofNullable(failure.get()).map(Throwable::toString)));
    }
  }

  /** Where it answers over HTTP; empty where it doesn't. */
  public Optional<URI> url() {
    return Optional.ofNullable(server).map(QueryServer::url);
  }

  private void listen() {
    streams.setGlobalStateRestoreListener(restoration);
    streams.setUncaughtExceptionHandler(
        cause -> {
          LOG.error("indexer stopping without committing", cause);
          failure.compareAndSet(null, cause);
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    streams.setStateListener(
        (now, before) -> {
          LOG.info("indexer state={} before={}", now, before);
          switch (now) {
            case ERROR, NOT_RUNNING -> stop(now);
            case CREATED, RUNNING, REBALANCING, PENDING_SHUTDOWN, PENDING_ERROR -> {}
          }
        });
  }

  private void stop(KafkaStreams.State state) {
    Throwable cause = failure.get();
    if (cause != null) {
      stopped.completeExceptionally(cause);
    } else if (state == KafkaStreams.State.ERROR) {
      stopped.completeExceptionally(
          new IllegalStateException("Kafka Streams stopped with an error; look at its log"));
    } else {
      stopped.complete(null);
    }
  }

  /** Whether all state is restored and records are being processed. */
  public boolean ready() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Completes when the service has stopped: exceptionally, with the cause, when it failed. */
  public CompletableFuture<Void> stopped() {
    return stopped.copy();
  }

  /** What became of the records read so far. */
  public Counts counts() {
    return counters.counts();
  }

  /** What it has read to restore its memory so far. */
  public Restored restored() {
    return restoration.soFar();
  }

  /** How many vectors this instance holds, copies included that it stands by with. */
  public long held() {
    return banks.here().stream()
        .flatMap(bank -> bank.held().stream())
        .mapToLong(Bank.Held::count)
        .sum();
  }

  /**
   * Whether this instance holds all that the memory's changelogs do, be it to work or to stand by:
   * of each at most one record is unread, the mark that ends a transaction.
   */
  public boolean copied() {
    Map<Integer, LagInfo> lags =
        streams.allLocalStorePartitionLags().getOrDefault(bankStore, Map.of());
    return !lags.isEmpty() && lags.values().stream().allMatch(lag -> lag.offsetLag() <= 1);
  }

  /** Commits, leaves the group so that a restart is fast, and waits for half a minute at most. */
  @Override
  public void close() {
    if (server != null) {
      server.close();
    }
    boolean closed =
        streams.close(
            CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP)
                .withTimeout(CLOSE_TIMEOUT));
    if (!closed) {
      // Its thread may still be in a kernel, whose memory must not go away under it.
      LOG.warn("indexer has not stopped within {}; its kernels stay open", CLOSE_TIMEOUT);
      return;
    }
    if (ownKernels != null) {
      ownKernels.close();
    }
  }
}
