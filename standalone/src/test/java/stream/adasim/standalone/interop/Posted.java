package stream.adasim.standalone.interop;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.settings.Connection;

/** Images sent over HTTP, and which of them are on the topic. */
final class Posted {
  private static final byte[] PNG_MAGIC = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final int IMAGE_BYTES = 40_000;
  static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private Posted() {}

  static byte[] png(String id) {
    byte[] bytes = new byte[IMAGE_BYTES];
    System.arraycopy(PNG_MAGIC, 0, bytes, 0, PNG_MAGIC.length);
    byte[] name = id.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(name, 0, bytes, PNG_MAGIC.length, name.length);
    return bytes;
  }

  static HttpResponse<String> post(URI service, String id)
      throws IOException, InterruptedException {
    return CLIENT.send(
        HttpRequest.newBuilder(service.resolve("/v1/images?id=" + id))
            .POST(BodyPublishers.ofByteArray(png(id)))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Ids on the topic with a value. */
  static Set<String> onTopic(Connection connection) {
    Set<String> there = new HashSet<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            connection.consumer(), new StringDeserializer(), new ByteArrayDeserializer())) {
      WholeTopic.read(
          consumer,
          new TopicCatalogue(connection).name(Topic.IMAGES),
          message -> {
            if (message.value() == null) {
              there.remove(message.key());
            } else {
              there.add(message.key());
            }
          });
    }
    return there;
  }
}
