package stream.adasim.standalone.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.learner.records.ImageRecords;
import stream.adasim.learner.records.Incoming;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.Vectors;
import stream.adasim.standalone.labelled.Example;

/**
 * The labelled part of the {@code embeddings} topic, of the model version that most of it is of:
 * vectors of different versions are never compared. The images belong to it as far as the {@code
 * images} topic still has them.
 *
 * @param version which one
 * @param vectors by image id
 * @param images those with a vector and pixels
 * @param others labelled embeddings of other versions, left out
 */
record PublishedEmbeddings(
    String version, Map<String, float[]> vectors, List<Example> images, int others) {
  private record Version(String modelId, long number) {}

  /**
   * Reads both topics to their ends.
   *
   * @throws UsageException where there are no labelled embeddings with images
   */
  static PublishedEmbeddings read(LearnerConfig config, int most) {
    Map<String, Embedding> labelled = labelled(config);
    Map<Version, Integer> sizes = new HashMap<>();
    labelled.values().forEach(embedding -> sizes.merge(version(embedding), 1, Integer::sum));
    Version version =
        sizes.entrySet().stream()
            .max(
                Map.Entry.<Version, Integer>comparingByValue()
                    .thenComparingLong(size -> size.getKey().number()))
            .map(Map.Entry::getKey)
            .orElseThrow(() -> new UsageException("the topic embeddings holds none with a label"));
    Map<String, float[]> vectors = new LinkedHashMap<>();
    labelled.entrySet().stream()
        .sorted(
            Map.Entry.comparingByKey(
                Comparator.comparingInt(PublishedEmbeddings::mixed)
                    .thenComparing(Comparator.naturalOrder())))
        .filter(entry -> version(entry.getValue()).equals(version))
        .limit(most)
        .forEach(
            entry -> vectors.put(entry.getKey(), Vectors.toArray(entry.getValue().getVector())));
    List<Example> images = images(config, vectors.keySet().stream().toList());
    if (images.isEmpty()) {
      throw new UsageException(
          "the topic images holds none of the "
              + vectors.size()
              + " labelled embeddings' images any more; evaluate the model on a data set instead");
    }
    return new PublishedEmbeddings(
        version.modelId() + " version " + version.number(),
        vectors,
        images,
        labelled.size() - sizes.getOrDefault(version, 0));
  }

  /** An order that has nothing to do with how ids are made, and is the same each time. */
  private static int mixed(String id) {
    return id.hashCode() * 0x9E3779B9;
  }

  private static Version version(Embedding embedding) {
    return new Version(embedding.getModelId(), embedding.getModelVersion());
  }

  private static Map<String, Embedding> labelled(LearnerConfig config) {
    Map<String, Embedding> labelled = new HashMap<>();
    AvroDeserializer<Embedding> values = new AvroDeserializer<>(Embedding.class);
    values.configure(config.connection().serde(), false);
    try (KafkaConsumer<String, Embedding> consumer =
        new KafkaConsumer<>(config.connection().consumer(), new StringDeserializer(), values)) {
      String topic = new TopicCatalogue(config.connection()).name(Topic.EMBEDDINGS);
      WholeTopic.read(
          consumer,
          topic,
          message -> {
            @Nullable Embedding embedding = message.value();
            if (embedding == null || embedding.getLabel() == null) {
              labelled.remove(message.key());
            } else {
              labelled.put(message.key(), embedding);
            }
          });
    }
    return labelled;
  }

  private static List<Example> images(LearnerConfig config, List<String> ids) {
    Set<String> wanted = Set.copyOf(ids);
    Map<String, Example> found = new HashMap<>();
    int size = config.architecture().imageSize();
    String topic = new TopicCatalogue(config.connection()).name(Topic.IMAGES);
    try (ImageRecords records = new ImageRecords(config.connection(), config.decodeLimits(), size);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                config.connection().consumer(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      WholeTopic.read(
          consumer,
          topic,
          message -> {
            if (records.read(message) instanceof Incoming.Arrival arrival
                && wanted.contains(arrival.id())) {
              found.put(arrival.id(), example(arrival));
            }
          });
    }
    List<Example> images = new ArrayList<>();
    for (String id : ids) {
      Example image = found.get(id);
      if (image != null && image.label() != null) {
        images.add(image);
      }
    }
    return images;
  }

  private static Example example(Incoming.Arrival arrival) {
    return new Example(
        arrival.id(),
        new byte[0],
        arrival.pixels(),
        arrival.image().getSource(),
        arrival.image().getLabel(),
        Instant.EPOCH);
  }
}
