package stream.adasim.standalone.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Apicurio in a process of its own, speaking the Confluent REST API on the loopback. Its schemas
 * lie in topics of the broker that it is given, so that what it acknowledged survives any end of
 * the process. Every subject must evolve FULL_TRANSITIVE.
 *
 * <p>The process ends with this one, however this one ends. It ignores an interrupt from the
 * terminal, which reaches every process of the group at once: only {@link #close} stops it, after
 * those that need it.
 */
public final class RegistryProcess implements AutoCloseable {

  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
  private static final int LOG_LINES_SHOWN = 20;

  private final Process process;
  private final URI url;

  private RegistryProcess(Process process, URI url) {
    this.process = process;
    this.url = url;
  }

  /**
   * Starts the registry and returns when it answers.
   *
   * @param home the folder of the distribution, which holds {@code registry/quarkus-run.jar}
   * @param folder where the log {@code registry.log} goes; made when it does not exist
   * @param port the port of the loopback, or 0 for any free one
   * @param bootstrapServers the broker that keeps the schemas
   * @throws RegistryStartException when the port is taken, the distribution is not there, or the
   *     process ends or does not answer within a minute
   */
  public static RegistryProcess start(Path home, Path folder, int port, String bootstrapServers) {
    Path jar = home.resolve("registry").resolve("quarkus-run.jar");
    if (!Files.exists(jar)) {
      throw new RegistryStartException(
          "The registry is not at " + jar + ". Build it with: ./mvnw -DskipTests package");
    }
    int taken = takePort(port);
    Path log = folder.resolve("registry.log");
    URI url = URI.create("http://" + LOOPBACK + ":" + taken + "/apis/ccompat/v7");
    RegistryProcess registry;
    try {
      Files.createDirectories(folder);
      registry = new RegistryProcess(launch(jar, folder, log, taken, bootstrapServers), url);
    } catch (IOException e) {
      throw new RegistryStartException(
          "The registry's process cannot be started in " + folder + ": " + e, e);
    }
    try {
      registry.awaitReady(log);
      return registry;
    } catch (RuntimeException e) {
      registry.close();
      throw e;
    }
  }

  /**
   * Checks that a registry can listen on the port.
   *
   * @param port of the loopback, or 0, which always can
   * @throws RegistryStartException when it is taken
   */
  public static void requireFree(int port) {
    takePort(port);
  }

  /** The root of the Confluent REST API, without a slash at its end. */
  public URI url() {
    return url;
  }

  /** The process's id. */
  public long pid() {
    return process.pid();
  }

  /** Completes when the process has ended, for whatever reason. */
  public CompletableFuture<Process> onExit() {
    return process.onExit();
  }

  /** Stops the process and returns when it has ended. */
  @Override
  public void close() {
    process.toHandle().destroy();
    boolean interrupted = false;
    try {
      if (process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    process.destroyForcibly().onExit().join();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Process launch(Path jar, Path folder, Path log, int port, String bootstrapServers)
      throws IOException {
    List<String> command = new ArrayList<>();
    // The shell replaces itself by the JVM, which keeps an interrupt ignored that was ignored when
    // it started; Java itself cannot start a process in that way.
    command.addAll(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "registry"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_OPTIONS);
    command.addAll(
        List.of(
            "-Dquarkus.http.host=" + LOOPBACK,
            "-Dquarkus.http.port=" + port,
            "-Dapicurio.kafkasql.bootstrap.servers=" + bootstrapServers));
    command.addAll(SETTINGS);
    command.addAll(List.of("-cp", ownClasses() + ":" + jar, RegistryMain.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // Its settings are ours alone: Quarkus would read the environment for more of them.
    builder.environment().keySet().retainAll(Set.of("PATH", "HOME", "LANG", "TMPDIR"));
    return builder.start();
  }

  private static final List<String> JVM_OPTIONS =
      List.of(
          "-Xmx160m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xss512k",
          "--add-opens=java.base/java.lang=ALL-UNNAMED",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final List<String> SETTINGS =
      List.of(
          // Port 0 on the loopback instead of port 9000 on every interface.
          "-Dquarkus.management.host=" + LOOPBACK,
          "-Dquarkus.management.port=0",
          "-Dquarkus.http.access-log.enabled=false",
          "-Dquarkus.log.category.\"org.apache.kafka\".level=WARN",
          "-Dapicurio.rules.global.compatibility=FULL_TRANSITIVE",
          "-Dapicurio.storage.kind=kafkasql",
          // Its own 5 s polls would make a start last 15 to 25 s.
          "-Dapicurio.kafkasql.consumer.poll.timeout=100");

  private static Path ownClasses() {
    try {
      return Path.of(
          RegistryMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitReady(Path log) {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/subjects")).timeout(START_LIMIT).build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      while (System.nanoTime() < deadline) {
        if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new RegistryStartException(
              "The registry ended with exit status "
                  + process.exitValue()
                  + " before it answered. The end of "
                  + log
                  + ":\n"
                  + tail(log));
        }
        if (answers(client, request)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryStartException("Interrupted while the registry was starting", e);
    }
    throw new RegistryStartException(
        "The registry has not answered within "
            + START_LIMIT.toSeconds()
            + " s at "
            + url
            + ". The end of "
            + log
            + ":\n"
            + tail(log));
  }

  private static boolean answers(HttpClient client, HttpRequest request)
      throws InterruptedException {
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // not listening yet
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      return String.join(
          "\n", lines.subList(Math.max(0, lines.size() - LOG_LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      return "(unreadable: " + e + ")";
    }
  }

  /** The port, or a free one for 0. */
  private static int takePort(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new RegistryStartException(
          "Port "
              + port
              + " of "
              + LOOPBACK
              + " cannot be had for the registry ("
              + e.getMessage()
              + "). Stop what listens there, or choose another port with --registry-port (0 takes"
              + " any free one).",
          e);
    }
  }
}
