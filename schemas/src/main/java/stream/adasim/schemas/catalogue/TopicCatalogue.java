package stream.adasim.schemas.catalogue;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.schemas.registry.Compatibility;
import stream.adasim.schemas.registry.SchemaRegistry;
import stream.adasim.schemas.settings.Connection;

/** The topics of one installation: their names, and that they exist as they must. Thread-safe. */
public final class TopicCatalogue {
  private static final Logger log = LoggerFactory.getLogger(TopicCatalogue.class);

  private static final Duration LIMIT = Duration.ofSeconds(15);
  // A topic just created reaches the other brokers within moments; this bounds a broker in trouble.
  private static final int ATTEMPTS = 100;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Connection connection;
  private final Duration limit;

  public TopicCatalogue(Connection connection) {
    this(connection, LIMIT);
  }

  /**
   * @param limit longest wait for one answer of the broker
   */
  TopicCatalogue(Connection connection, Duration limit) {
    this.connection = connection;
    this.limit = limit;
  }

  /** The full name, with prefix. */
  public String name(Topic topic) {
    return connection.topicPrefix() + topic.baseName();
  }

  /** Number of partitions that the topic has or must have. */
  public int partitions(Topic topic) {
    return topic.partitions(connection);
  }

  /**
   * Creates the topics that are missing, and verifies partition count, cleanup policy and record
   * limit of all. Several services may do this at the same time. Blocks for about half a minute at
   * most.
   *
   * @throws CatalogueException if a topic exists otherwise than it must (all of them are named,
   *     with what to do), if the broker refuses, or if none can be reached
   */
  public void ensure(Admin admin) {
    ensure(admin, EnumSet.allOf(Topic.class));
  }

  /** As {@link #ensure(Admin)}, for some of the topics. */
  public void ensure(Admin admin, Set<Topic> topics) {
    Map<Topic, TopicDescription> found = describe(admin, topics);
    Set<Topic> missing = EnumSet.noneOf(Topic.class);
    topics.stream().filter(topic -> !found.containsKey(topic)).forEach(missing::add);
    create(admin, missing);
    // Described again, as another service may have been first with other settings.
    for (int attempt = 0; !found.keySet().containsAll(missing); attempt++) {
      if (attempt == ATTEMPTS) {
        throw new CatalogueException(
            "topics %s were created but don't show up; look at the broker's log"
                .formatted(names(missing)));
      }
      found.putAll(describe(admin, missing));
      pause();
    }
    verify(admin, found);
  }

  /**
   * Registers the schema of every topic's values and sets the rule of each subject that is new.
   * Does nothing where {@code auto.register.schemas} is false. Several services may do this at the
   * same time; a registry that keeps its own rule is left to it.
   *
   * @throws stream.adasim.schemas.registry.RegistryException if the registry can't be reached or
   *     refuses a schema
   */
  public void ensureSubjects(SchemaRegistry registry) {
    if (!connection.autoRegisterSchemas()) {
      return;
    }
    for (Topic topic : Topic.values()) {
      Schema schema = topic.valueSchema();
      Compatibility compatibility = topic.compatibility();
      if (schema != null && compatibility != null) {
        registry.register(name(topic) + "-value", schema, compatibility);
      }
    }
  }

  private void create(Admin admin, Set<Topic> topics) {
    List<NewTopic> wanted =
        topics.stream()
            .map(
                topic ->
                    new NewTopic(
                            name(topic),
                            partitions(topic),
                            (short) connection.topicReplicationFactor())
                        .configs(topic.configs(connection)))
            .toList();
    var created =
        admin.createTopics(wanted, new CreateTopicsOptions().timeoutMs(millis())).values();
    for (Topic topic : topics) {
      try {
        requireNonNull(created.get(name(topic))).get();
        log.info("created topic={} partitions={}", name(topic), partitions(topic));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw failed("topic " + name(topic) + " could not be created", e);
        }
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
  }

  /** Those of the topics that exist. */
  private Map<Topic, TopicDescription> describe(Admin admin, Set<Topic> topics) {
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin
            .describeTopics(names(topics), new DescribeTopicsOptions().timeoutMs(millis()))
            .topicNameValues();
    Map<Topic, TopicDescription> found = new EnumMap<>(Topic.class);
    for (Topic topic : topics) {
      try {
        found.put(topic, requireNonNull(answers.get(name(topic))).get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw failed("topic " + name(topic) + " could not be described", e);
        }
      } catch (InterruptedException e) {
        throw new InterruptException(e);
      }
    }
    return found;
  }

  private void verify(Admin admin, Map<Topic, TopicDescription> found) {
    List<String> faults = new ArrayList<>();
    Map<Topic, Config> configs = configs(admin, found.keySet());
    found.forEach(
        (topic, description) -> {
          int partitions = description.partitions().size();
          if (partitions != partitions(topic)) {
            faults.add(wrongPartitions(topic, partitions));
          }
          Config config = requireNonNull(configs.get(topic));
          String policy = config.get(TopicConfig.CLEANUP_POLICY_CONFIG).value();
          if (!policy.equals(topic.cleanupPolicy())) {
            faults.add(wrongConfig(topic, "cleanup.policy", policy, topic.cleanupPolicy()));
          }
          int least = topic.maxMessageBytes(connection);
          String limit = config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value();
          if (Integer.parseInt(limit) < least) {
            faults.add(wrongConfig(topic, "max.message.bytes", limit, Integer.toString(least)));
          }
        });
    if (!faults.isEmpty()) {
      throw new CatalogueException(String.join(System.lineSeparator(), faults));
    }
  }

  private Map<Topic, Config> configs(Admin admin, Set<Topic> topics) {
    Map<Topic, ConfigResource> resources = new EnumMap<>(Topic.class);
    topics.forEach(
        topic -> resources.put(topic, new ConfigResource(ConfigResource.Type.TOPIC, name(topic))));
    var answers =
        admin
            .describeConfigs(resources.values(), new DescribeConfigsOptions().timeoutMs(millis()))
            .values();
    Map<Topic, Config> configs = new EnumMap<>(Topic.class);
    resources.forEach(
        (topic, resource) -> {
          try {
            configs.put(topic, requireNonNull(answers.get(resource)).get());
          } catch (ExecutionException e) {
            throw failed("settings of topic " + name(topic) + " could not be read", e);
          } catch (InterruptedException e) {
            throw new InterruptException(e);
          }
        });
    return configs;
  }

  private String wrongPartitions(Topic topic, int found) {
    String name = name(topic);
    if (!topic.byImage()) {
      return "topic %s: found %d partitions, expected 1; delete the topic or set another %s"
          .formatted(name, found, Connection.TOPIC_PREFIX);
    }
    String together =
        Arrays.stream(Topic.values())
            .filter(Topic::byImage)
            .map(this::name)
            .collect(Collectors.joining(", "));
    return ("topic %s: found %d partitions, expected %s=%d; set %s=%d if that fits all of %s,"
            + " else set another %s or delete the topic: partitions can't be added, since ids would"
            + " move between them")
        .formatted(
            name,
            found,
            Connection.TOPIC_PARTITIONS,
            partitions(topic),
            Connection.TOPIC_PARTITIONS,
            found,
            together,
            Connection.TOPIC_PREFIX);
  }

  private String wrongConfig(Topic topic, String key, String found, String expected) {
    return ("topic %s: found %s=%s, expected %s; run kafka-configs.sh --bootstrap-server %s --alter"
            + " --topic %s --add-config %s=%s")
        .formatted(
            name(topic),
            key,
            found,
            expected,
            connection.bootstrapServers(),
            name(topic),
            key,
            expected);
  }

  private CatalogueException failed(String what, ExecutionException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    if (cause instanceof TimeoutException) {
      return new CatalogueException(
          "no broker answered at %s=%s within %d ms (%s); start it or correct the setting"
              .formatted(
                  Connection.BOOTSTRAP_SERVERS,
                  connection.bootstrapServers(),
                  millis(),
                  cause.getMessage()),
          cause);
    }
    return new CatalogueException(
        "%s at %s=%s: %s (%s)"
            .formatted(
                what,
                Connection.BOOTSTRAP_SERVERS,
                connection.bootstrapServers(),
                cause.getMessage(),
                cause.getClass().getSimpleName()),
        cause);
  }

  private List<String> names(Set<Topic> topics) {
    return topics.stream().map(this::name).toList();
  }

  private int millis() {
    return Math.toIntExact(limit.toMillis());
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
