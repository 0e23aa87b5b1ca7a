import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.File;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Confluent's own serialisers against a running broker and registry, in a JVM without any class of
 * ours: read BROKER REGISTRY TOPIC COUNT prints id, tab, record as JSON; write BROKER REGISTRY
 * TOPIC SCHEMA FILE... sends files as images.
 */
public final class Confluent {
  private Confluent() {}

  public static void main(String[] args) throws Exception {
    Map<String, Object> properties =
        Map.of(
            "bootstrap.servers", args[1],
            "schema.registry.url", args[2],
            "auto.offset.reset", "earliest",
            "isolation.level", "read_committed");
    switch (args[0]) {
      case "read" -> read(properties, args[3], Integer.parseInt(args[4]));
      case "write" -> write(properties, args[3], args[4], List.of(args).subList(5, args.length));
      default -> throw new IllegalArgumentException(args[0] + " is neither read nor write");
    }
  }

  private static void read(Map<String, Object> properties, String topic, int count) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Set<String> seen = new HashSet<>();
    KafkaAvroDeserializer values = new KafkaAvroDeserializer();
    values.configure(properties, false);
    try (KafkaConsumer<String, Object> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), values)) {
      consumer.assign(
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList());
      while (seen.size() < count) {
        for (var record : consumer.poll(Duration.ofMillis(500))) {
          seen.add(record.key());
          out.println(record.key() + "\t" + record.value());
        }
      }
    }
  }

  private static void write(
      Map<String, Object> properties, String topic, String avsc, List<String> files)
      throws Exception {
    Schema schema = new Schema.Parser().parse(new File(avsc));
    KafkaAvroSerializer values = new KafkaAvroSerializer();
    values.configure(properties, false);
    try (KafkaProducer<String, Object> producer =
        new KafkaProducer<>(properties, new StringSerializer(), values)) {
      for (String file : files) {
        Path path = Path.of(file);
        var image =
            new GenericRecordBuilder(schema)
                .set("bytes", ByteBuffer.wrap(Files.readAllBytes(path)))
                .set("capturedAt", Files.getLastModifiedTime(path).toMillis())
                .set("label", path.getParent().getFileName().toString())
                .build();
        producer.send(new ProducerRecord<>(topic, file, image)).get();
      }
    }
  }
}
