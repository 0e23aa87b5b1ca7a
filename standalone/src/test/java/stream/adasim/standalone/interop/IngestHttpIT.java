package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.ingest.http.IngestService;
import stream.adasim.ingest.http.ReceiverConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.broker.EmbeddedBroker;

/** Images over HTTP to a real broker, by many clients at once. */
@ExtendWith(Stack.Provider.class)
class IngestHttpIT {
  @TempDir private Path folder;

  private static Settings settings(String broker, Stack stack, Map<String, String> more) {
    Map<String, String> flags = new HashMap<>(more);
    flags.put("bootstrap.servers", broker);
    flags.put("schema.registry.url", stack.registryUrl());
    flags.put("topic.prefix", "posted.");
    flags.put("http.port", "0");
    return Settings.load(IngestConfig.definition(), null, Map.of(), flags);
  }

  private static IngestService start(Settings settings) {
    return IngestService.start(
        Connection.from(settings), ReceiverConfig.from(settings), InstantSource.system());
  }

  @Test
  void manyClientsAreHeldBackAndEveryAcknowledgedImageIsThere(Stack stack) throws Exception {
    int clients = 30;
    int each = 10;
    Settings settings =
        settings(
            stack.bootstrapServers(),
            stack,
            Map.of("ingest.http.requests", "4", "image.max-bytes", "1048576"));
    AtomicInteger heldBack = new AtomicInteger();
    Set<String> expected = new HashSet<>();
    try (IngestService service = start(settings);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int c = 0; c < clients; c++) {
        for (int i = 0; i < each; i++) {
          expected.add("load-" + c + "-" + i);
        }
        String name = "load-" + c + "-";
        running.add(threads.submit(() -> postAll(service.url(), name, each, heldBack)));
      }
      for (Future<?> client : running) {
        client.get();
      }
      HttpResponse<String> deleted =
          Posted.CLIENT.send(
              HttpRequest.newBuilder(service.url().resolve("/v1/images/load-0-0")).DELETE().build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(deleted.statusCode()).isEqualTo(204);
      expected.remove("load-0-0");
      assertThat(many(service.url(), 20).statusCode()).isEqualTo(200);
      for (int i = 0; i < 20; i++) {
        expected.add("form-" + i);
      }
      assertThat(metric(service.url(), "adasim_ingest_images_total{outcome=\"sent\",via=\"http\"}"))
          .isEqualTo(clients * each + 20);
      assertThat(metric(service.url(), "adasim_ingest_memory_used_bytes")).isZero();
      assertThat(get(service.url(), "/metrics")).contains("kafka_producer_record_send_total");
    }
    assertThat(heldBack.get()).as("requests answered with 429").isPositive();
    assertThat(Posted.onTopic(Connection.from(settings))).isEqualTo(expected);
  }

  private static Void postAll(URI service, String name, int count, AtomicInteger heldBack)
      throws Exception {
    for (int i = 0; i < count; i++) {
      HttpResponse<String> answer = Posted.post(service, name + i);
      while (answer.statusCode() == 429) {
        heldBack.incrementAndGet();
        assertThat(answer.headers().firstValueAsLong("retry-after").orElse(0)).isPositive();
        LockSupport.parkNanos(1_000_000);
        answer = Posted.post(service, name + i);
      }
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
    return null;
  }

  private static HttpResponse<String> many(URI service, int count) throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    StringBuilder metadata = new StringBuilder();
    for (int i = 0; i < count; i++) {
      metadata.append(i == 0 ? "[" : ",").append("{\"id\":\"form-").append(i).append("\"}");
    }
    part(body, "metadata\"", metadata.append(']').toString().getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < count; i++) {
      part(body, "image\"; filename=\"" + i + ".png\"", Posted.png("form-" + i));
    }
    body.writeBytes("--b--\r\n".getBytes(StandardCharsets.UTF_8));
    return Posted.CLIENT.send(
        HttpRequest.newBuilder(service.resolve("/v1/images"))
            .header("Content-Type", "multipart/form-data; boundary=b")
            .POST(BodyPublishers.ofByteArray(body.toByteArray()))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void part(ByteArrayOutputStream body, String name, byte[] content) {
    body.writeBytes(
        ("--b\r\nContent-Disposition: form-data; name=\"" + name + "\r\n\r\n")
            .getBytes(StandardCharsets.UTF_8));
    body.writeBytes(content);
    body.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
  }

  private static String get(URI service, String path) throws Exception {
    return Posted.CLIENT
        .send(
            HttpRequest.newBuilder(service.resolve(path)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static double metric(URI service, String name) throws Exception {
    return get(service, "/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatWasAcknowledgedOutlivesTheBrokerAndTheRestIsRefusedMeanwhile(Stack stack)
      throws Exception {
    EmbeddedBroker broker = EmbeddedBroker.start(folder, 0, 16 << 20);
    String address = broker.bootstrapServers();
    Settings settings = settings(address, stack, Map.of("ingest.http.timeout", "2s"));
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    Set<Integer> statuses = ConcurrentHashMap.newKeySet();
    AtomicBoolean stop = new AtomicBoolean();
    try (IngestService service = start(settings);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int c = 0; c < 8; c++) {
        String name = "kept-" + c + "-";
        var _ =
            threads.submit(
                () -> {
                  for (int i = 0; !stop.get(); i++) {
                    int status = Posted.post(service.url(), name + i).statusCode();
                    statuses.add(status);
                    if (status == 200) {
                      acknowledged.add(name + i);
                    }
                  }
                  return null;
                });
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > 100);
      broker.close();
      await().atMost(Duration.ofSeconds(30)).until(() -> statuses.contains(429));
      assertThat(Posted.post(service.url(), "late").statusCode()).isEqualTo(429);
      assertThat(get(service.url(), "/health/ready")).contains("Kafka has not acknowledged");
      int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
      try (EmbeddedBroker again = EmbeddedBroker.start(folder, port, 16 << 20)) {
        int before = acknowledged.size();
        await().atMost(Duration.ofSeconds(30)).until(() -> acknowledged.size() > before + 20);
        stop.set(true);
        threads.shutdown();
        assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        assertThat(again.bootstrapServers()).isEqualTo(address);
        assertThat(Posted.onTopic(Connection.from(settings))).containsAll(acknowledged);
      }
    } finally {
      stop.set(true);
    }
    assertThat(statuses).isSubsetOf(200, 429);
  }
}
