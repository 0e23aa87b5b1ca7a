package stream.adasim.indexer;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigException;
import stream.adasim.compute.Backends;
import stream.adasim.indexer.http.QueryConfig;
import stream.adasim.indexer.memory.Exclusions;
import stream.adasim.indexer.votes.Ring;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.schemas.settings.Settings;

/**
 * Settings of the indexer.
 *
 * @param memoryCapacity images in the memory in all
 * @param memoryShards parts that memory and search are divided into
 * @param memoryStandbys copies of the state that other instances hold
 * @param memoryTopK neighbours per vote and candidates per neighbourhood
 * @param memoryVotes votes that an image's ring holds
 * @param exclusions who may not vote for whom
 * @param batching how long queries wait for each other
 * @param stateDir where Kafka Streams keeps its local state
 * @param applicationId the application's id, which is also its consumer group
 * @param computeBackend name of the backend of the search
 * @param computeThreads its threads; 0 for one per processor
 * @param groupProtocol who assigns tasks to instances: classic or streams
 * @param commitInterval how long results wait for their transaction at most
 * @param query questions over HTTP
 */
public record IndexerConfig(
    Connection connection,
    int memoryCapacity,
    int memoryShards,
    int memoryStandbys,
    int memoryTopK,
    int memoryVotes,
    double memoryRecall,
    Exclusions exclusions,
    Batching batching,
    Path stateDir,
    String applicationId,
    String computeBackend,
    int computeThreads,
    String groupProtocol,
    Duration commitInterval,
    QueryConfig query) {

  public static final String MEMORY_CAPACITY = "memory.capacity";
  public static final String MEMORY_SHARDS = "memory.shards";
  public static final String MEMORY_STANDBYS = "memory.standbys";
  public static final String NEAR_DUPLICATE_COSINE = "memory.near-duplicate-cosine";
  public static final String SAME_SOURCE_GAP = "memory.same-source-gap";
  public static final String SEARCH_BATCH = "search.batch";
  public static final String SEARCH_WAIT = "search.wait";
  public static final String GROUP_PROTOCOL = "group.protocol";
  public static final String MEMORY_TOP_K = "memory.top-k";
  public static final String MEMORY_VOTES = "memory.votes";
  public static final String MEMORY_RECALL = "memory.recall";
  public static final String STATE_DIR = "state.dir";
  public static final String APPLICATION_ID = "application.id";
  public static final String COMPUTE_BACKEND = "compute.backend";
  public static final String COMPUTE_THREADS = "compute.threads";
  public static final String COMMIT_INTERVAL = "commit.interval";

  /**
   * @throws ConfigException if sizes of the memory contradict each other
   */
  public IndexerConfig {
    var _ =
        new MemoryConfig(
            memoryCapacity,
            connection.topicPartitions(),
            memoryShards,
            memoryTopK,
            memoryVotes,
            memoryRecall,
            exclusions);
  }

  /** All keys that the indexer knows. */
  public static ConfigDef definition() {
    return QueryConfig.define(Connection.define(new ConfigDef()))
        .define(
            MEMORY_CAPACITY,
            ConfigDef.Type.INT,
            20_480,
            Range.between(1, 1 << 24),
            Importance.HIGH,
            "Images in the neighbour memory, divided over partitions or shards; those written longest"
                + " ago leave first, their votes with them. A quarter more than the trainer's window, as"
                + " partitions fill unevenly.")
        .define(
            MEMORY_SHARDS,
            ConfigDef.Type.INT,
            1,
            Range.between(1, Flight.MAX_SHARDS),
            Importance.HIGH,
            "Parts that memory and search are divided into, to spread over instances. With 1 one"
                + " instance does it all and others stand by. Stop all instances to change it: the"
                + " memory is then filled anew within one pass.")
        .define(
            MEMORY_STANDBYS,
            ConfigDef.Type.INT,
            0,
            Range.between(0, 16),
            Importance.MEDIUM,
            "Copies of the indexer's state that other instances hold, to take over without a rebuild.")
        .define(
            NEAR_DUPLICATE_COSINE,
            ConfigDef.Type.DOUBLE,
            0.0,
            Range.between(0.0, 1.0),
            Importance.MEDIUM,
            "Other images at this cosine or above don't enter a vote, such as 0.98 for frames of a"
                + " video; 0 for no limit.")
        .define(
            SAME_SOURCE_GAP,
            ConfigDef.Type.STRING,
            "0ms",
            Durations.between(Duration.ZERO, Duration.ofDays(36_500)),
            Importance.MEDIUM,
            "Other images of the same source that were captured less than this before or after don't"
                + " enter a vote; 0 for no limit.")
        .define(
            SEARCH_BATCH,
            ConfigDef.Type.INT,
            64,
            Range.between(1, 4096),
            Importance.LOW,
            "Queries that are searched together at most.")
        .define(
            SEARCH_WAIT,
            ConfigDef.Type.STRING,
            "5ms",
            Durations.between(Duration.ofMillis(1), Duration.ofSeconds(1)),
            Importance.LOW,
            "How long a query waits for others, about. As often an idle indexer looks for work.")
        .define(
            MEMORY_TOP_K,
            ConfigDef.Type.INT,
            10,
            Range.between(1, Ring.MAX_NEIGHBOURS - 1),
            Importance.MEDIUM,
            "Neighbours that a vote names, and candidates of a neighbourhood.")
        .define(
            MEMORY_VOTES,
            ConfigDef.Type.INT,
            8,
            Range.between(1, Ring.MAX_NEIGHBOURS - 1),
            Importance.MEDIUM,
            "Votes that are added up per image; times `memory.top-k` it must stay below 256.")
        .define(
            MEMORY_RECALL,
            ConfigDef.Type.DOUBLE,
            1.0,
            Range.between(0.5, 1.0),
            Importance.LOW,
            "Share of the nearest images that votes must name, on average; 1 for an exact search. With"
                + " less, rows are left out by an estimate; one query in a hundred, in a small memory"
                + " more, is searched exactly, too, and what that says is published and keeps the"
                + " share.")
        .define(
            STATE_DIR,
            ConfigDef.Type.STRING,
            "data/indexer",
            new ConfigDef.NonEmptyString(),
            Importance.MEDIUM,
            "Folder for local state; rebuilt from the changelog topics where it is lost.")
        .define(
            APPLICATION_ID,
            ConfigDef.Type.STRING,
            "adasim-indexer",
            new ConfigDef.NonEmptyString(),
            Importance.MEDIUM,
            "Id of the Kafka Streams application, its consumer group and its changelogs: the same for"
                + " all instances that share the work.")
        .define(
            GROUP_PROTOCOL,
            ConfigDef.Type.STRING,
            "classic",
            ValidString.in("classic", "streams"),
            Importance.LOW,
            "Who assigns work to instances: one of them (classic) or the broker (streams). Stop all"
                + " instances to change it.")
        .define(
            COMPUTE_BACKEND,
            ConfigDef.Type.STRING,
            "auto",
            ValidString.in(Backends.NAMES.toArray(String[]::new)),
            Importance.LOW,
            "What runs the search: onednn, nd4j (the reference), or auto for the fastest that runs"
                + " here.")
        .define(
            COMPUTE_THREADS,
            ConfigDef.Type.INT,
            0,
            Range.between(0, 1024),
            Importance.LOW,
            "Threads of the search; 0 for one per processor.")
        .define(
            COMMIT_INTERVAL,
            ConfigDef.Type.STRING,
            "100ms",
            Durations.between(Duration.ofMillis(10), Duration.ofMinutes(1)),
            Importance.MEDIUM,
            "How long embeddings and neighbourhoods wait for their transaction at most.");
  }

  /**
   * Reads the keys of {@link #definition}.
   *
   * @throws ConfigException if sizes of the memory contradict each other
   */
  public static IndexerConfig from(Settings settings) {
    return new IndexerConfig(
        Connection.from(settings),
        settings.integer(MEMORY_CAPACITY),
        settings.integer(MEMORY_SHARDS),
        settings.integer(MEMORY_STANDBYS),
        settings.integer(MEMORY_TOP_K),
        settings.integer(MEMORY_VOTES),
        settings.real(MEMORY_RECALL),
        new Exclusions(settings.real(NEAR_DUPLICATE_COSINE), settings.duration(SAME_SOURCE_GAP)),
        new Batching(settings.integer(SEARCH_BATCH), settings.duration(SEARCH_WAIT)),
        settings.path(STATE_DIR),
        settings.string(APPLICATION_ID),
        settings.string(COMPUTE_BACKEND),
        settings.integer(COMPUTE_THREADS),
        settings.string(GROUP_PROTOCOL),
        settings.duration(COMMIT_INTERVAL),
        QueryConfig.from(settings));
  }

  /**
   * Where the broker assigns tasks it may tear partitions apart, so that even one shard is a shard
   * then.
   */
  MemoryConfig memory() {
    boolean sharded = memoryShards > 1 || brokerAssigns();
    return new MemoryConfig(
        memoryCapacity,
        connection.topicPartitions(),
        sharded ? memoryShards : 0,
        memoryTopK,
        memoryVotes,
        memoryRecall,
        exclusions);
  }

  /** Whether the broker assigns tasks, or one of the instances. */
  boolean brokerAssigns() {
    return groupProtocol.equals("streams");
  }
}
