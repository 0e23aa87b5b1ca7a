package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.ingest.IngestConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.broker.BrokerParent;
import stream.adasim.standalone.fixture.RegistryFixture;
import stream.adasim.standalone.fixture.ServiceProcess;
import stream.adasim.standalone.registry.RegistryProcess;

/** Clients go on posting while the ingest service is killed, and then the broker. */
class IngestKilledIT {
  private static final int CLIENTS = 20;
  private static final int ENOUGH = 200;

  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final AtomicInteger broken = new AtomicInteger();
  private volatile boolean stopping;

  @AfterEach
  void stop() throws InterruptedException {
    stopping = true;
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void whatWasAcknowledgedOutlivesServiceAndBrokerBeingKilled() throws Exception {
    int brokerPort = freePort();
    int port = freePort();
    String address = "127.0.0.1:" + brokerPort;
    Process broker = broker(brokerPort);
    URI url = URI.create("http://127.0.0.1:" + port);
    try (RegistryProcess registry = RegistryFixture.start(folder.resolve("registry"), address);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Process service = service(address, registry, port);
      for (int c = 0; c < CLIENTS; c++) {
        String name = "client-" + c + "-";
        var _ = threads.submit(() -> post(url, name));
      }
      moreAcknowledged();

      service.destroyForcibly().waitFor();
      service(address, registry, port);
      moreAcknowledged();
      assertThat(broken.get()).as("requests that the kill cut off").isPositive();

      broker.destroyForcibly().waitFor();
      broker(brokerPort);
      moreAcknowledged();

      stopping = true;
      threads.shutdown();
      assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
      assertThat(Posted.onTopic(connection(address, registry))).containsAll(acknowledged);
    } finally {
      stopping = true;
    }
  }

  private void moreAcknowledged() {
    int before = acknowledged.size();
    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> acknowledged.size(), size -> size > before + ENOUGH);
  }

  /** One image after the other, each until it is acknowledged. */
  private Void post(URI service, String name) throws InterruptedException {
    for (int i = 0; !stopping; ) {
      try {
        if (Posted.post(service, name + i).statusCode() == 200) {
          acknowledged.add(name + i++);
          continue;
        }
      } catch (IOException e) {
        broken.incrementAndGet();
      }
      Thread.sleep(50); // neither a killed service nor a missing broker wants to be asked at once
    }
    return null;
  }

  private Process broker(int port) throws IOException {
    Process process =
        ServiceProcess.java(
            folder.resolve("broker.log"),
            List.of(
                "-cp",
                System.getProperty("java.class.path"),
                BrokerParent.class.getName(),
                folder.resolve("kafka").toString(),
                Integer.toString(port)));
    processes.add(process);
    return process;
  }

  private Process service(String broker, RegistryProcess registry, int port) throws IOException {
    Process process =
        ServiceProcess.start(
            folder.resolve("ingest.log"),
            "256m",
            List.of("ingest", "--http"),
            Map.of(
                "bootstrap.servers",
                broker,
                "schema.registry.url",
                registry.url().toString(),
                "ingest.http.timeout",
                "3s",
                "http.port",
                Integer.toString(port)));
    processes.add(process);
    return process;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Connection connection(String broker, RegistryProcess registry) {
    return Connection.from(
        Settings.load(
            IngestConfig.definition(),
            null,
            Map.of(),
            Map.of("bootstrap.servers", broker, "schema.registry.url", registry.url().toString())));
  }
}
