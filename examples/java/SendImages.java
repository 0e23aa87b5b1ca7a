import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import stream.adasim.avro.Image;
import stream.adasim.schemas.wire.AvroSerializer;

/**
 * Sends image files, the path as id and the folder's name as label:
 *
 * <pre>java -cp 'standalone/target/dist/lib/*' examples/java/SendImages.java FILE...</pre>
 *
 * KAFKA and REGISTRY in the environment say where the broker and the schema registry are.
 */
void main(String[] files) throws IOException {
  var broker = System.getenv().getOrDefault("KAFKA", "localhost:9092");
  var registry =
      System.getenv().getOrDefault("REGISTRY", "http://localhost:8081/apis/ccompat/v7");

  var values = new AvroSerializer<Image>();
  values.configure(Map.of("schema.registry.url", registry), false);

  Map<String, Object> properties =
      Map.of(
          ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker,
          ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 9 << 20); // images of up to 8 MiB
  // Kafka's own partitioner is left in place: an id must always go to the same partition.
  try (var producer = new KafkaProducer<>(properties, new StringSerializer(), values)) {
    for (String file : files) {
      producer.send(
          new ProducerRecord<>("images", file, image(Path.of(file))),
          (sent, failure) -> {
            if (failure != null) {
              System.err.println(file + ": " + failure.getMessage());
            }
          });
    }
  } // closing waits until everything is acknowledged
  IO.println("sent " + files.length + " images");
}

/** Everything but the bytes and the time may be left out; a label is only used to report accuracy. */
Image image(Path file) throws IOException {
  Path folder = file.getParent();
  return Image.newBuilder()
      .setBytes(ByteBuffer.wrap(Files.readAllBytes(file)))
      .setCapturedAt(Files.getLastModifiedTime(file).toInstant())
      .setSource(folder == null ? "" : folder.toString())
      .setLabel(folder == null ? null : String.valueOf(folder.getFileName()))
      .build();
}
