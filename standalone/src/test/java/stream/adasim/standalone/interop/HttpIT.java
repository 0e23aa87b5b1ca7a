package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;

/** Two indexers that share images and shards: whichever is asked answers for both. */
@ExtendWith(Stack.Provider.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HttpIT {
  private static final String PREFIX = "http.";
  private static final int SHARDS = 2;
  private static final int IMAGES = 40;
  private static final int DIMENSION = 8;
  private static final JsonMapper JSON = new JsonMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static final float[][] VECTORS = vectors();
  private static Kernels kernels;
  private static IndexerService first;
  private static IndexerService second;

  @BeforeAll
  static void start(Stack stack) {
    kernels = Backends.open("auto", 1);
    first = IndexerService.start(config(stack, "first"), kernels);
    second = IndexerService.start(config(stack, "second"), kernels);
    send(stack.connection(PREFIX));
    eventually()
        .untilAsserted(
            () -> {
              for (IndexerService indexer : List.of(first, second)) {
                assertThat(get(indexer, "/health/ready").statusCode()).isEqualTo(200);
              }
              for (int i = 0; i < IMAGES; i++) {
                assertThat(get(first, image(i, "neighbours")).statusCode()).isEqualTo(200);
              }
              assertThat(images(first) + images(second)).isEqualTo(IMAGES);
            });
  }

  @AfterAll
  static void stop() {
    second.close();
    first.close();
    kernels.close();
  }

  private static ConditionFactory eventually() {
    return await()
        .failFast("an indexer stopped by itself", () -> first.stopped().isCompletedExceptionally())
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(100));
  }

  private static IndexerConfig config(Stack stack, String name) {
    return IndexerConfig.from(
        Settings.load(
            IndexerConfig.definition(),
            null,
            Map.of(),
            Map.of(
                "bootstrap.servers",
                stack.bootstrapServers(),
                "schema.registry.url",
                stack.registryUrl(),
                "topic.prefix",
                PREFIX,
                "application.id",
                PREFIX + "indexer",
                "state.dir",
                folder.resolve(name).toString(),
                "memory.shards",
                Integer.toString(SHARDS),
                "memory.capacity",
                "1000",
                "http.port",
                "0")));
  }

  private static float[][] vectors() {
    Random random = new Random(17);
    float[][] vectors = new float[IMAGES][DIMENSION];
    for (float[] vector : vectors) {
      double squares = 0;
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] = (float) random.nextGaussian();
        squares += (double) vector[d] * vector[d];
      }
      for (int d = 0; d < DIMENSION; d++) {
        vector[d] /= (float) Math.sqrt(squares);
      }
    }
    return vectors;
  }

  /** An arrival and two visits of every image, the visits in two rounds. */
  private static void send(Connection connection) {
    String topic = new TopicCatalogue(connection).name(Topic.REPRESENTATIONS);
    AvroSerializer<Representation> values = new AvroSerializer<>();
    values.configure(connection.serde(), false);
    try (KafkaProducer<String, Representation> producer =
        new KafkaProducer<>(connection.producer(), new StringSerializer(), values)) {
      for (int visit = 0; visit <= 2; visit++) {
        for (int i = 0; i < IMAGES; i++) {
          var _ = producer.send(new ProducerRecord<>(topic, Stack.id(i), representation(i, visit)));
        }
      }
    }
  }

  private static Representation representation(int i, int visit) {
    return Representation.newBuilder()
        .setKind(visit == 0 ? RepresentationKind.ARRIVAL : RepresentationKind.VISIT)
        .setModelId("model")
        .setModelVersion(visit)
        .setVisit(visit)
        .setStep(visit)
        .setFingerprint(i)
        .setVector(Vectors.of(VECTORS[i]))
        .setCapturedAt(Instant.ofEpochMilli(1_790_000_000_000L))
        .setSource("folder")
        .setLabel(i % 2 == 0 ? "cat" : "dog")
        .setSourcePartition(0)
        .setSourceOffset(i)
        .build();
  }

  private static HttpResponse<String> get(IndexerService indexer, String path, String... headers) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url(indexer, path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  private static HttpResponse<String> search(IndexerService indexer, String body) {
    return send(
        HttpRequest.newBuilder(url(indexer, "/v1/search"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  private static URI url(IndexerService indexer, String path) {
    return indexer.url().orElseThrow().resolve(path);
  }

  private static HttpResponse<String> send(HttpRequest request) {
    try {
      return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static JsonNode ok(HttpResponse<String> response) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return json(response);
  }

  private static JsonNode json(HttpResponse<String> response) {
    try {
      return JSON.readTree(response.body());
    } catch (IOException e) {
      throw new AssertionError(response.body(), e);
    }
  }

  private static JsonNode stats(IndexerService indexer) {
    return ok(get(indexer, "/v1/stats"));
  }

  private static int images(IndexerService indexer) {
    return stats(indexer).at("/memory/models/0/images").asInt();
  }

  private static String image(int i, String what) {
    String id = URLEncoder.encode(Stack.id(i), StandardCharsets.UTF_8).replace("+", "%20");
    return "/v1/images/" + id + "/" + what;
  }

  private static List<String> ids(JsonNode found, String list) {
    List<String> ids = new ArrayList<>();
    found.get(list).forEach(hit -> ids.add(hit.get("id").asText()));
    return ids;
  }

  /** Ids of the images nearest to one of them, itself included. */
  private static List<String> nearest(int i, int most, int step) {
    Map<Integer, Double> products = new HashMap<>();
    for (int j = i % step; j < IMAGES; j += step) {
      double product = 0;
      for (int d = 0; d < DIMENSION; d++) {
        product += (double) VECTORS[i][d] * VECTORS[j][d];
      }
      products.put(j, product);
    }
    return products.entrySet().stream()
        .sorted(Comparator.comparingDouble(entry -> -entry.getValue()))
        .limit(most)
        .map(entry -> Stack.id(entry.getKey()))
        .toList();
  }

  @Test
  @Order(1)
  void bothKnowEveryImagesEmbeddingAndNeighbours() {
    for (IndexerService indexer : List.of(first, second)) {
      for (int i = 0; i < IMAGES; i++) {
        JsonNode embedding = ok(get(indexer, image(i, "embedding")));
        assertThat(embedding.get("id").asText()).isEqualTo(Stack.id(i));
        assertThat(embedding.get("modelId").asText()).isEqualTo("model");
        assertThat(embedding.get("modelVersion").asLong()).isZero();
        assertThat(embedding.get("label").asText()).isEqualTo(i % 2 == 0 ? "cat" : "dog");
        assertThat(JSON.convertValue(embedding.get("vector"), float[].class))
            .containsExactly(VECTORS[i]);
        JsonNode neighbours = ok(get(indexer, image(i, "neighbours")));
        assertThat(ids(neighbours, "candidates")).startsWith(Stack.id(i));
        assertThat(neighbours.get("votes").asInt()).isEqualTo(1);
        assertThat(neighbours.get("modelVersion").asLong()).isEqualTo(2);
      }
    }
  }

  @Test
  @Order(2)
  void bothSearchTheWholeMemory() {
    for (int i = 0; i < 5; i++) {
      String vector = "{\"vector\":%s,\"k\":7}".formatted(Arrays.toString(VECTORS[i]));
      JsonNode found = ok(search(first, vector));
      assertThat(ids(found, "hits")).isEqualTo(nearest(i, 7, 1));
      assertThat(found.at("/hits/0/similarity").floatValue()).isCloseTo(1f, within(1e-6f));
      assertThat(found.get("modelId").asText()).isEqualTo("model");
      assertThat(found.get("modelVersion").asLong()).isEqualTo(2);
      assertThat(ok(search(second, vector))).isEqualTo(found);

      String image = "{\"id\":\"%s\",\"k\":6}".formatted(Stack.id(i));
      assertThat(ids(ok(search(first, image)), "hits")).isEqualTo(nearest(i, 7, 1).subList(1, 7));
      assertThat(search(second, image).body()).isEqualTo(search(first, image).body());

      String label =
          "{\"id\":\"%s\",\"k\":6,\"filter\":{\"label\":\"%s\",\"source\":\"folder\"}}"
              .formatted(Stack.id(i), i % 2 == 0 ? "cat" : "dog");
      assertThat(ids(ok(search(second, label)), "hits")).isEqualTo(nearest(i, 7, 2).subList(1, 7));
    }
    assertThat(ids(ok(search(first, "{\"id\":\"%s\",\"k\":1000}".formatted(Stack.id(0)))), "hits"))
        .hasSize(IMAGES - 1);
    assertThat(
            ok(search(first, "{\"id\":\"%s\",\"filter\":{\"label\":\"x\"}}".formatted(Stack.id(0))))
                .get("hits"))
        .isEmpty();
  }

  @Test
  @Order(3)
  void saysWhatIsWrongWithAQuestion() {
    for (IndexerService indexer : List.of(first, second)) {
      assertThat(get(indexer, "/v1/images/nobody/embedding").statusCode()).isEqualTo(404);
      assertThat(get(indexer, "/v1/images/nobody/neighbours").statusCode()).isEqualTo(404);
      HttpResponse<String> unknown = search(indexer, "{\"id\":\"nobody\"}");
      assertThat(unknown.statusCode()).isEqualTo(404);
      HttpResponse<String> shape = search(indexer, "{\"vector\":[1,2,3]}");
      assertThat(shape.statusCode()).isEqualTo(400);
      assertThat(json(shape).get("detail").asText())
          .contains("found length 3, expected 8 as model 'model'");
      HttpResponse<String> model = search(indexer, "{\"vector\":[1],\"modelId\":\"other\"}");
      assertThat(model.statusCode()).isEqualTo(503);
    }
  }

  @Test
  @Order(4)
  void passesNoQuestionOnTwice() {
    List<Integer> statuses =
        IntStream.range(0, IMAGES)
            .mapToObj(
                i -> get(first, image(i, "embedding"), "Adasim-Forwarded-By", "x:1").statusCode())
            .toList();
    // The first holds some of the images itself.
    assertThat(statuses).contains(200, 503).allMatch(status -> status == 200 || status == 503);
  }

  @Test
  @Order(5)
  void showsTheNumbersOfTheServiceOfKafkaAndOfTheJvm() {
    assertThat(get(first, "/metrics").body())
        .contains("adasim_indexer_records_total{outcome=\"processed\"")
        .contains("adasim_indexer_search_held_seconds_count")
        .contains("adasim_http_requests_seconds_count{route=\"POST /v1/search\",status=\"200\"}")
        .contains("kafka_stream_thread_process_total")
        .contains("kafka_consumer_fetch_manager_records_consumed_total")
        .contains("jvm_gc_");
  }

  @Test
  @Order(6)
  void answersForAllWhenTheOtherHasGone() {
    second.close();
    String question = "{\"id\":\"%s\",\"k\":6}".formatted(Stack.id(3));
    eventually()
        .untilAsserted(
            () -> {
              HttpResponse<String> found = search(first, question);
              // On the way there it asks for patience, and never answers with half of the truth.
              assertThat(found.statusCode()).isIn(200, 503);
              if (found.statusCode() == 200) {
                assertThat(ids(json(found), "hits")).isEqualTo(nearest(3, 7, 1).subList(1, 7));
              } else {
                assertThat(found.headers().firstValue("retry-after")).isPresent();
              }
              assertThat(found.statusCode()).isEqualTo(200);
            });
    assertThat(stats(first).at("/memory/partitions").asInt()).isEqualTo(SHARDS);
    assertThat(Objects.requireNonNull(ok(get(first, image(0, "embedding"))).get("vector")))
        .hasSize(DIMENSION);
  }
}
