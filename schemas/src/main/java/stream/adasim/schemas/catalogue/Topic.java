package stream.adasim.schemas.catalogue;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Image;
import stream.adasim.avro.ModelPart;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.schemas.registry.Compatibility;
import stream.adasim.schemas.settings.Connection;

/** The closed list of topics: what flows, who writes it, who reads it, and how long it is kept. */
// A schema of a generated class and a record of values don't change, though nothing declares it.
@SuppressWarnings("ImmutableEnumChecker")
public enum Topic {
  /** The images themselves: the log is the only store of pixels. */
  IMAGES(
      "images",
      Spread.BY_IMAGE,
      Retention.delete(Duration.ofDays(7)),
      Size.IMAGE,
      "image id",
      Image.SCHEMA$,
      Compatibility.FULL_TRANSITIVE,
      "users, ingest",
      "embedder, trainer",
      "Images as captured, still encoded. A null value deletes the image everywhere."),

  /** Images that no service can use. */
  IMAGES_DEAD_LETTER(
      "images.dead-letter",
      Spread.ONE,
      Retention.delete(Duration.ofDays(14)),
      Size.DEAD_LETTER,
      "original key",
      null,
      null,
      "embedder, indexer",
      "operator",
      "Records that cannot be embedded: the original bytes, reason and coordinates in headers."),

  /** What the learner makes of images. */
  REPRESENTATIONS(
      "representations",
      Spread.BY_IMAGE,
      Retention.delete(Duration.ofDays(3)),
      Size.SMALL,
      "image id",
      Representation.SCHEMA$,
      Compatibility.BACKWARD,
      "learner",
      "indexer",
      "Vectors of clean views (to publish) and of training views (to vote), and deletions."),

  /** The accumulated votes. */
  NEIGHBOURS(
      "neighbours",
      Spread.BY_IMAGE,
      Retention.compact(Duration.ofHours(1)),
      Size.SMALL,
      "image id",
      Neighbourhood.SCHEMA$,
      Compatibility.FULL_TRANSITIVE,
      "indexer",
      "learner, users",
      "Who was found near an image over its last visits; the newest per image."),

  /** The result. */
  EMBEDDINGS(
      "embeddings",
      Spread.BY_IMAGE,
      Retention.compact(Duration.ofHours(6)),
      Size.SMALL,
      "image id",
      Embedding.SCHEMA$,
      Compatibility.FULL_TRANSITIVE,
      "indexer",
      "users",
      "The current embedding of every image; a null value says that it was deleted."),

  /** How training goes. */
  TRAINING_PROGRESS(
      "training-progress",
      Spread.ONE,
      Retention.delete(Duration.ofDays(30)),
      Size.SMALL,
      "learner id",
      TrainingProgress.SCHEMA$,
      Compatibility.BACKWARD,
      "learner",
      "dashboard, alerts",
      "Loss, entropies, gate rate, throughput and more, averaged over some steps."),

  /** Snapshots of the teacher. */
  MODELS(
      "models",
      Spread.ONE,
      Retention.compact(Duration.ofHours(1)),
      Size.IMAGE,
      "model id/part",
      ModelPart.SCHEMA$,
      Compatibility.BACKWARD,
      "trainer",
      "embedders, users",
      "Snapshots of the teacher in parts, with a manifest and a checksum; the newest per model."),

  /** Carries no records: whoever the group gives its only partition is the trainer. */
  TRAINING_LEASE(
      "training-lease",
      Spread.ONE,
      Retention.delete(Duration.ofDays(1)),
      Size.SMALL,
      "none",
      null,
      null,
      "nobody",
      "trainers",
      "Never holds a record: the member that is assigned its only partition is the one trainer.");

  private enum Spread {
    BY_IMAGE,
    ONE
  }

  private enum Size {
    SMALL,
    IMAGE,
    DEAD_LETTER
  }

  /**
   * How long records are kept.
   *
   * @param after delete: the age at which records go; compact: the age at which a segment closes,
   *     as the open one is never compacted
   */
  private record Retention(boolean compact, Duration after) {
    static Retention delete(Duration after) {
      return new Retention(false, after);
    }

    static Retention compact(Duration after) {
      return new Retention(true, after);
    }
  }

  private static final int MIB = 1 << 20;

  private final String baseName;
  private final Spread spread;
  private final Retention retention;
  private final Size size;
  private final String key;
  private final @Nullable Schema valueSchema;
  private final @Nullable Compatibility compatibility;
  private final String writers;
  private final String readers;
  private final String purpose;

  Topic(
      String baseName,
      Spread spread,
      Retention retention,
      Size size,
      String key,
      @Nullable Schema valueSchema,
      @Nullable Compatibility compatibility,
      String writers,
      String readers,
      String purpose) {
    this.baseName = baseName;
    this.spread = spread;
    this.retention = retention;
    this.size = size;
    this.key = key;
    this.valueSchema = valueSchema;
    this.compatibility = compatibility;
    this.writers = writers;
    this.readers = readers;
    this.purpose = purpose;
  }

  /** The name without prefix. */
  public String baseName() {
    return baseName;
  }

  /** Whether it is keyed by image id, and so has P partitions as all the others that are. */
  public boolean byImage() {
    return spread == Spread.BY_IMAGE;
  }

  /** Number of partitions: P where it is keyed by image id, otherwise 1. */
  public int partitions(Connection connection) {
    return byImage() ? connection.topicPartitions() : 1;
  }

  /** {@code delete} or {@code compact}. */
  public String cleanupPolicy() {
    return retention.compact
        ? TopicConfig.CLEANUP_POLICY_COMPACT
        : TopicConfig.CLEANUP_POLICY_DELETE;
  }

  /** What the key says; keys are UTF-8 strings. */
  public String key() {
    return key;
  }

  /** Schema of the values; null where values are raw bytes or absent. */
  public @Nullable Schema valueSchema() {
    return valueSchema;
  }

  /** How the value's schema may change; null where it has none. */
  public @Nullable Compatibility compatibility() {
    return compatibility;
  }

  public String writers() {
    return writers;
  }

  public String readers() {
    return readers;
  }

  /** What it is for, in a sentence. */
  public String purpose() {
    return purpose;
  }

  /** Largest batch of records in bytes. */
  public int maxMessageBytes(Connection connection) {
    return switch (size) {
      // A vector, its candidates and some text: the broker's own default suffices.
      case SMALL -> MIB + 12;
      case IMAGE -> connection.recordMaxBytes();
      case DEAD_LETTER -> connection.deadLetterMaxBytes();
    };
  }

  /** How long records are kept, in words. */
  String kept() {
    return retention.compact
        ? "compact: the newest per key"
        : "delete: %d days".formatted(retention.after.toDays());
  }

  /** What the topic is created with; operators may change retention afterwards. */
  public Map<String, String> configs(Connection connection) {
    Map<String, String> configs = new LinkedHashMap<>();
    int maxMessageBytes = maxMessageBytes(connection);
    configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, cleanupPolicy());
    configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
    String after = Long.toString(retention.after.toMillis());
    if (retention.compact) {
      // The open segment is never compacted, and a segment only once a share of it is stale: small
      // segments that close by time, and a low share, bound what a new reader has to skip.
      configs.put(TopicConfig.SEGMENT_MS_CONFIG, after);
      configs.put(
          TopicConfig.SEGMENT_BYTES_CONFIG,
          Integer.toString(Math.max(64 * MIB, 2 * maxMessageBytes)));
      configs.put(TopicConfig.MIN_CLEANABLE_DIRTY_RATIO_CONFIG, "0.2");
      configs.put(
          TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG,
          Long.toString(retention.after.multipliedBy(4).toMillis()));
      configs.put(
          TopicConfig.DELETE_RETENTION_MS_CONFIG, Long.toString(Duration.ofDays(1).toMillis()));
    } else {
      configs.put(TopicConfig.RETENTION_MS_CONFIG, after);
    }
    if (connection.topicReplicationFactor() >= 3) {
      configs.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return configs;
  }
}
