import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.avro.Embedding;
import stream.adasim.schemas.wire.AvroDeserializer;

/**
 * Prints the current embedding of every image, and each newer one as it comes:
 *
 * <pre>java -cp 'standalone/target/dist/lib/*' examples/java/ReadEmbeddings.java [COUNT]</pre>
 *
 * COUNT: leave after so many distinct images. KAFKA and REGISTRY in the environment say where the
 * broker and the schema registry are.
 */
void main(String[] args) {
  var broker = System.getenv().getOrDefault("KAFKA", "localhost:9092");
  var registry =
      System.getenv().getOrDefault("REGISTRY", "http://localhost:8081/apis/ccompat/v7");
  var count = args.length > 0 ? Integer.parseInt(args[0]) : Integer.MAX_VALUE;

  // Confluent's KafkaAvroDeserializer reads the same bytes; this one brings the generated record.
  var values = new AvroDeserializer<>(Embedding.class);
  values.configure(Map.of("schema.registry.url", registry), false);

  Map<String, Object> properties =
      Map.of(
          ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed", // what was written exactly once
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
  Set<String> seen = new HashSet<>();
  try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), values)) {
    // No group: the topic is compacted, so reading it all gives the newest embedding of each image.
    List<TopicPartition> partitions =
        consumer.partitionsFor("embeddings").stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    while (seen.size() < count) {
      for (var record : consumer.poll(Duration.ofSeconds(1))) {
        if (seen.size() == count) {
          break;
        }
        seen.add(record.key());
        IO.println(record.key() + "  " + describe(record.value()));
      }
    }
  }
}

/** A null value says that the image was deleted. */
String describe(Embedding embedding) {
  if (embedding == null) {
    return "deleted";
  }
  // Compare vectors of the same model id and version only: by dot product, as they are unit length.
  List<Float> vector = embedding.getVector();
  return "model %s v%d  %s... of %d"
      .formatted(
          embedding.getModelId(),
          embedding.getModelVersion(),
          vector.subList(0, Math.min(4, vector.size())),
          embedding.getDimension());
}
