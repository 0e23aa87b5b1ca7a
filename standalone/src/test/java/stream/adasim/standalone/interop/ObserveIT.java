package stream.adasim.standalone.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.http.HttpConfig;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.IndexerService;
import stream.adasim.ingest.http.IngestService;
import stream.adasim.ingest.http.ReceiverConfig;
import stream.adasim.ingest.source.Items;
import stream.adasim.ingest.source.Order;
import stream.adasim.ingest.source.SourceImage;
import stream.adasim.ingest.source.Synthetic;
import stream.adasim.learner.LearnerService;
import stream.adasim.learner.monitoring.LearnerServer;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.cli.CommandLines;
import stream.adasim.standalone.status.StatusReader;
import stream.adasim.standalone.status.SystemStatus;

/** All services at work, watched as an operator would. */
@ExtendWith(Stack.Provider.class)
class ObserveIT {
  private static final String PREFIX = "watched.";
  private static final int IMAGES = 120;
  private static final Path OBSERVE = Path.of("..", "deploy", "observe");
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:adasim|kafka|jvm|process|system)_[a-z0-9_]+\\b");
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir static Path folder;

  private static Kernels kernels;
  private static Settings settings;
  private static IndexerService indexer;
  private static LearnerService learner;
  private static IngestService ingest;

  @BeforeAll
  static void start(Stack stack) throws Exception {
    Map<String, String> flags = new HashMap<>();
    flags.put("bootstrap.servers", stack.bootstrapServers());
    flags.put("schema.registry.url", stack.registryUrl());
    flags.put("topic.prefix", PREFIX);
    flags.put("application.id", PREFIX + "indexer");
    flags.put("state.dir", folder.resolve("indexer").toString());
    flags.put("checkpoint.folder", folder.resolve("checkpoints").toString());
    flags.put("memory.capacity", "1000");
    flags.put("progress.every", "200ms");
    flags.put("models.publish-every", "1s");
    flags.put("model.image-size", "16");
    flags.put("model.patch-size", "4");
    flags.put("model.prototypes", "64");
    flags.put("train.batch-size", "16");
    flags.put("http.port", "0");
    settings = Settings.load(CommandLines.definition(), null, Map.of(), flags);
    kernels = Backends.open("auto", 1);
    indexer = IndexerService.start(IndexerConfig.from(settings), kernels);
    learner =
        LearnerService.start(
            LearnerConfig.from(settings),
            Optional.of(HttpConfig.from(settings, LearnerServer.DEFAULT_PORT)),
            kernels,
            InstantSource.system());
    ingest =
        IngestService.start(
            Connection.from(settings), ReceiverConfig.from(settings), InstantSource.system());
    post();
    await()
        .atMost(Duration.ofSeconds(90))
        .pollInterval(Duration.ofMillis(300))
        .untilAsserted(
            () -> {
              assertThat(metrics(learner.url().orElseThrow()))
                  .contains("adasim_learner_training_active 1")
                  .contains("adasim_learner_arrivals_total{outcome=\"embedded\"} " + IMAGES)
                  .doesNotContain("adasim_learner_loss_nats NaN");
              assertThat(read().freshness()).isNotNull();
            });
  }

  private static void post() throws Exception {
    try (Items items = new Synthetic(IMAGES, 32, 1).items(new Order.AsStored())) {
      for (var item = items.next(); item != null; item = items.next()) {
        if (item instanceof SourceImage image) {
          HttpResponse<String> answer =
              CLIENT.send(
                  HttpRequest.newBuilder(
                          ingest
                              .url()
                              .resolve("/v1/images?id=" + image.id() + "&label=" + image.label()))
                      .POST(BodyPublishers.ofByteArray(image.bytes().array()))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
      }
    }
  }

  @AfterAll
  static void stop() {
    ingest.close();
    learner.close();
    indexer.close();
    kernels.close();
  }

  private static String metrics(URI service) throws IOException, InterruptedException {
    return CLIENT
        .send(
            HttpRequest.newBuilder(service.resolve("/metrics")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private static SystemStatus read() {
    return new StatusReader(
            Connection.from(settings),
            IndexerConfig.from(settings).applicationId(),
            InstantSource.system())
        .read();
  }

  private static Set<String> names(String text) {
    Set<String> names = new TreeSet<>();
    for (Matcher found = METRIC.matcher(text); found.find(); ) {
      names.add(found.group());
    }
    return names;
  }

  @Test
  void rulesAndDashboardAskForMetricsThatAServiceHas() throws Exception {
    Set<String> exposed = new TreeSet<>();
    for (URI service :
        new URI[] {indexer.url().orElseThrow(), learner.url().orElseThrow(), ingest.url()}) {
      metrics(service)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> exposed.add(line.replaceAll("[{ ].*", "")));
    }
    Set<String> asked = names(Files.readString(OBSERVE.resolve("alerts.yml")));
    JsonNode dashboard =
        new JsonMapper().readTree(OBSERVE.resolve("grafana/dashboards/adasim.json").toFile());
    for (JsonNode expression : dashboard.findValues("expr")) {
      asked.addAll(names(expression.asText()));
    }
    assertThat(asked).hasSizeGreaterThan(15);
    assertThat(exposed).containsAll(asked);
  }

  @Test
  void theStatusIsThatOfTheSystem() {
    SystemStatus status = read();
    assertThat(status.missing()).isEmpty();
    assertThat(status.services())
        .extracting(SystemStatus.Service::name)
        .containsExactly("embedder", "trainer", "indexer");
    assertThat(status.services()).allMatch(service -> service.members() >= 1);
    assertThat(status.services().getFirst().lag()).isZero();
    assertThat(status.topics())
        .anySatisfy(
            topic -> {
              assertThat(topic.name()).isEqualTo(PREFIX + "images");
              assertThat(topic.records()).isEqualTo(IMAGES);
            });
    SystemStatus.Training training = status.training().getFirst();
    assertThat(training.step()).isPositive();
    assertThat(training.loss()).isPositive();
    assertThat(training.maxEntropy()).isPositive();
    assertThat(training.ageSeconds()).isBetween(0.0, 60.0);
    assertThat(status.freshness()).isNotNull();
  }

  @Test
  void theCommandPrintsItAsTextAndAsJson(Stack stack) throws Exception {
    String[] arguments = {
      "status",
      "--bootstrap-servers",
      stack.bootstrapServers(),
      "--set",
      "schema.registry.url=" + stack.registryUrl(),
      "--set",
      "topic.prefix=" + PREFIX,
      "--set",
      "application.id=" + PREFIX + "indexer",
      "--json"
    };
    StringWriter json = new StringWriter();
    var _ = CommandLines.run(new PrintWriter(json), new PrintWriter(json), arguments);
    JsonNode status = new JsonMapper().readTree(json.toString());
    assertThat(status.at("/services/0/name").asText()).isEqualTo("embedder");
    assertThat(status.at("/training/0/modelVersion").asLong()).isNotNegative();

    arguments[arguments.length - 1] = "--set=seed=1";
    StringWriter text = new StringWriter();
    var _ = CommandLines.run(new PrintWriter(text), new PrintWriter(text), arguments);
    assertThat(text.toString()).contains("embedder", "training   learner: step", "freshness");
  }
}
