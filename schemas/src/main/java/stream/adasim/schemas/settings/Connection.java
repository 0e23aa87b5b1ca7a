package stream.adasim.schemas.settings;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.config.types.Password;

/**
 * How a service reaches the broker and the registry, and the client properties that follow from it.
 *
 * <p>Every map that a method returns is new and may be changed. {@code kafka.*} settings are put in
 * last and therefore win. Serialisers are not among the properties: hand instances to the clients.
 *
 * @param registryUrls tried in this order
 * @param userInfo {@code user:password} for the registry; empty for none
 * @param topicPrefix put before every topic's name
 * @param topicPartitions P: partitions of every topic that is keyed by image id
 * @param imageMaxBytes largest encoded image; every limit on records follows from it
 * @param kafka passed through to Kafka's clients, without the prefix {@code kafka.}
 */
public record Connection(
    String bootstrapServers,
    List<String> registryUrls,
    String credentialsSource,
    Password userInfo,
    boolean autoRegisterSchemas,
    boolean useLatestVersion,
    Duration httpConnectTimeout,
    Duration httpReadTimeout,
    String topicPrefix,
    int topicPartitions,
    int topicReplicationFactor,
    int imageMaxBytes,
    Map<String, String> kafka) {

  public static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
  public static final String REGISTRY_URL = "schema.registry.url";
  public static final String CREDENTIALS_SOURCE = "basic.auth.credentials.source";
  public static final String USER_INFO = "basic.auth.user.info";
  public static final String AUTO_REGISTER = "auto.register.schemas";
  public static final String USE_LATEST = "use.latest.version";
  public static final String HTTP_CONNECT_TIMEOUT = "http.connect.timeout.ms";
  public static final String HTTP_READ_TIMEOUT = "http.read.timeout.ms";
  public static final String TOPIC_PREFIX = "topic.prefix";
  public static final String TOPIC_PARTITIONS = "topic.partitions";
  public static final String TOPIC_REPLICATION = "topic.replication-factor";
  public static final String IMAGE_MAX_BYTES = "image.max-bytes";

  /**
   * Not of the connection, but shared by all services like it; whoever sets up logging reads it.
   */
  public static final String LOG_FORMAT = "log.format";

  private static final int MIB = 1 << 20;

  /**
   * How long a member that was killed keeps its partitions, in milliseconds: Kafka's 45 seconds
   * would hold up whoever takes over.
   */
  private static final int SESSION_MS = 10_000;

  private static final int HEARTBEAT_MS = 3_000;

  public Connection {
    registryUrls = List.copyOf(registryUrls);
    kafka = Map.copyOf(kafka);
  }

  /** Adds the keys that all services share. */
  public static ConfigDef define(ConfigDef definition) {
    return definition
        .define(
            BOOTSTRAP_SERVERS,
            ConfigDef.Type.STRING,
            "localhost:9092",
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "Kafka brokers to start from: host:port, separated by commas.")
        .define(
            REGISTRY_URL,
            ConfigDef.Type.LIST,
            "http://localhost:8081/apis/ccompat/v7",
            ConfigDef.ValidList.anyNonDuplicateValues(false, false),
            Importance.HIGH,
            "Base URLs of the schema registry (Confluent REST API); the next is tried where one"
                + " fails.")
        .define(
            CREDENTIALS_SOURCE,
            ConfigDef.Type.STRING,
            "USER_INFO",
            ValidString.in("USER_INFO", "URL"),
            Importance.LOW,
            "Where the registry's user and password are: in `basic.auth.user.info` or in the URL.")
        .define(
            USER_INFO,
            ConfigDef.Type.PASSWORD,
            "",
            Importance.LOW,
            "The registry's `user:password`; empty for a registry that asks for none.")
        .define(
            AUTO_REGISTER,
            ConfigDef.Type.BOOLEAN,
            true,
            Importance.MEDIUM,
            "Whether services register their schemas; otherwise the schemas must be there.")
        .define(
            USE_LATEST,
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.LOW,
            "Whether to write with the newest registered schema; needs"
                + " `auto.register.schemas=false`.")
        .define(
            HTTP_CONNECT_TIMEOUT,
            ConfigDef.Type.INT,
            5000,
            Range.between(1, 600_000),
            Importance.LOW,
            "Longest wait for a connection to the registry, milliseconds.")
        .define(
            HTTP_READ_TIMEOUT,
            ConfigDef.Type.INT,
            10_000,
            Range.between(1, 600_000),
            Importance.LOW,
            "Longest wait for an answer of the registry, milliseconds.")
        .define(
            TOPIC_PREFIX,
            ConfigDef.Type.STRING,
            "",
            TopicPrefix.INSTANCE,
            Importance.MEDIUM,
            "Put before the name of every topic, so that several installations can share a broker.")
        .define(
            TOPIC_PARTITIONS,
            ConfigDef.Type.INT,
            4,
            Range.between(1, 10_000),
            Importance.HIGH,
            "Partitions of every topic that is keyed by image id. Fixed once the topics exist.")
        .define(
            TOPIC_REPLICATION,
            ConfigDef.Type.INT,
            1,
            Range.between(1, 16),
            Importance.HIGH,
            "Replicas of every topic that a service creates; from 3 on, two must acknowledge.")
        .define(
            IMAGE_MAX_BYTES,
            ConfigDef.Type.INT,
            8 * MIB,
            Range.between(1024, 256 * MIB),
            Importance.HIGH,
            "Largest encoded image in bytes; the limits of topics and clients follow from it.")
        .define(
            LOG_FORMAT,
            ConfigDef.Type.STRING,
            "text",
            ValidString.in("text", "json"),
            Importance.LOW,
            "Whether logs on standard error are lines of text or JSON objects, one a line. `ingest`"
                + " takes it from the environment alone.");
  }

  /** Reads the keys that {@link #define} added. */
  public static Connection from(Settings settings) {
    return new Connection(
        settings.string(BOOTSTRAP_SERVERS),
        settings.list(REGISTRY_URL),
        settings.string(CREDENTIALS_SOURCE),
        settings.secret(USER_INFO),
        settings.bool(AUTO_REGISTER),
        settings.bool(USE_LATEST),
        settings.duration(HTTP_CONNECT_TIMEOUT),
        settings.duration(HTTP_READ_TIMEOUT),
        settings.string(TOPIC_PREFIX),
        settings.integer(TOPIC_PARTITIONS),
        settings.integer(TOPIC_REPLICATION),
        settings.integer(IMAGE_MAX_BYTES),
        settings.kafka());
  }

  /** Largest record on a topic that carries images or parts of models: key, fields and headers. */
  public int recordMaxBytes() {
    return imageMaxBytes + MIB;
  }

  /** Largest dead letter: a whole record, and the headers that say why. */
  public int deadLetterMaxBytes() {
    return recordMaxBytes() + MIB;
  }

  /** For an idempotent producer that waits for all replicas and compresses nothing. */
  public Map<String, Object> producer() {
    Map<String, Object> properties = reaching();
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    // Images are encoded already: compressing them again costs time and saves nothing.
    properties.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, deadLetterMaxBytes());
    properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferMemory());
    properties.putAll(kafka);
    return properties;
  }

  /** For a consumer that is assigned its partitions and belongs to no group. */
  public Map<String, Object> consumer() {
    Map<String, Object> properties = reaching();
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, deadLetterMaxBytes());
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchMaxBytes());
    properties.putAll(kafka);
    return properties;
  }

  /** For a consumer in a group: it commits by hand and sees only what was committed. */
  public Map<String, Object> consumer(String groupId) {
    Map<String, Object> properties = consumer();
    properties.putIfAbsent(ConsumerConfig.GROUP_ID_CONFIG, groupId);
    properties.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
    properties.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
    return properties;
  }

  /** For an admin client whose calls end within 15 seconds. */
  public Map<String, Object> admin() {
    Map<String, Object> properties = reaching();
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 15_000);
    properties.putAll(kafka);
    return properties;
  }

  /** For a Kafka Streams application; the processing guarantee is left to it. */
  public Map<String, Object> streams(String applicationId) {
    Map<String, Object> properties = reaching();
    // Streams' own names are written out: this module doesn't depend on Kafka Streams.
    properties.put("application.id", applicationId);
    properties.put("replication.factor", topicReplicationFactor);
    properties.put("producer." + ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    properties.put("producer." + ProducerConfig.MAX_REQUEST_SIZE_CONFIG, deadLetterMaxBytes());
    properties.put("producer." + ProducerConfig.BUFFER_MEMORY_CONFIG, bufferMemory());
    for (String consumer : List.of("main.consumer.", "restore.consumer.")) {
      properties.put(
          consumer + ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, deadLetterMaxBytes());
      properties.put(consumer + ConsumerConfig.FETCH_MAX_BYTES_CONFIG, fetchMaxBytes());
    }
    properties.put("main.consumer." + ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put("main.consumer." + ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
    properties.put("main.consumer." + ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
    properties.put("topic." + TopicConfig.MAX_MESSAGE_BYTES_CONFIG, recordMaxBytes());
    properties.putAll(kafka);
    return properties;
  }

  /** For serialisers and deserialisers, by Confluent's names. */
  public Map<String, Object> serde() {
    Map<String, Object> properties = new HashMap<>();
    properties.put(REGISTRY_URL, String.join(",", registryUrls));
    // Confluent's own client refuses USER_INFO without a user, so none means none of both.
    if (credentialsSource.equals("URL")) {
      properties.put(CREDENTIALS_SOURCE, credentialsSource);
    } else if (!userInfo.value().isEmpty()) {
      properties.put(CREDENTIALS_SOURCE, credentialsSource);
      properties.put(USER_INFO, userInfo.value());
    }
    properties.put(AUTO_REGISTER, autoRegisterSchemas);
    properties.put(USE_LATEST, useLatestVersion);
    properties.put(HTTP_CONNECT_TIMEOUT, (int) httpConnectTimeout.toMillis());
    properties.put(HTTP_READ_TIMEOUT, (int) httpReadTimeout.toMillis());
    properties.putAll(kafka);
    return properties;
  }

  private Map<String, Object> reaching() {
    Map<String, Object> properties = new HashMap<>();
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    return properties;
  }

  private long bufferMemory() {
    return Math.max(64L * MIB, 4L * deadLetterMaxBytes());
  }

  private int fetchMaxBytes() {
    return Math.max(ConsumerConfig.DEFAULT_FETCH_MAX_BYTES, deadLetterMaxBytes());
  }

  /** Names the broker, the registry and the topics, and no secret. */
  @Override
  public String toString() {
    return "Connection[bootstrap.servers=%s, schema.registry.url=%s, topic.prefix=%s]"
        .formatted(
            bootstrapServers,
            Settings.withoutUserInfo(String.join(",", registryUrls)),
            topicPrefix);
  }
}
