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
import stream.adasim.indexer.votes.Ring;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.schemas.settings.Settings;

/**
 * Settings of the indexer.
 *
 * @param memoryCapacity images in the memory in all, divided over the partitions
 * @param memoryTopK neighbours per vote and candidates per neighbourhood
 * @param memoryVotes votes that an image's ring holds
 * @param stateDir where Kafka Streams keeps its local state
 * @param applicationId the application's id, which is also its consumer group
 * @param computeBackend name of the backend of the search
 * @param computeThreads its threads; 0 for one per processor
 * @param commitInterval how long results wait for their transaction at most
 * @param query questions over HTTP
 */
public record IndexerConfig(
    Connection connection,
    int memoryCapacity,
    int memoryTopK,
    int memoryVotes,
    Path stateDir,
    String applicationId,
    String computeBackend,
    int computeThreads,
    Duration commitInterval,
    QueryConfig query) {

  public static final String MEMORY_CAPACITY = "memory.capacity";
  public static final String MEMORY_TOP_K = "memory.top-k";
  public static final String MEMORY_VOTES = "memory.votes";
  public static final String STATE_DIR = "state.dir";
  public static final String APPLICATION_ID = "application.id";
  public static final String COMPUTE_BACKEND = "compute.backend";
  public static final String COMPUTE_THREADS = "compute.threads";
  public static final String COMMIT_INTERVAL = "commit.interval";

  /**
   * @throws ConfigException if sizes of the memory contradict each other
   */
  public IndexerConfig {
    var _ = new MemoryConfig(memoryCapacity, connection.topicPartitions(), memoryTopK, memoryVotes);
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
            "Images in the neighbour memory, divided over the partitions; those written longest ago"
                + " leave first. A quarter more than the trainer's window, as partitions fill unevenly.")
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
            "Id of the Kafka Streams application, its consumer group and its changelogs. One running"
                + " instance: its memory is what a search sees.")
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
            "200ms",
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
        settings.integer(MEMORY_TOP_K),
        settings.integer(MEMORY_VOTES),
        settings.path(STATE_DIR),
        settings.string(APPLICATION_ID),
        settings.string(COMPUTE_BACKEND),
        settings.integer(COMPUTE_THREADS),
        settings.duration(COMMIT_INTERVAL),
        QueryConfig.from(settings));
  }

  MemoryConfig memory() {
    return new MemoryConfig(memoryCapacity, connection.topicPartitions(), memoryTopK, memoryVotes);
  }
}
