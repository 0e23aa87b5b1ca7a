package stream.adasim.indexer.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import stream.adasim.http.Health;
import stream.adasim.http.HttpServer;
import stream.adasim.http.Metrics;
import stream.adasim.http.Problem;
import stream.adasim.http.Route;
import stream.adasim.indexer.Counts;
import stream.adasim.indexer.Drop;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Banks;
import stream.adasim.indexer.memory.Models;
import stream.adasim.indexer.query.Directory;
import stream.adasim.indexer.query.Images;
import stream.adasim.indexer.query.Searcher;

/**
 * Questions, health and metrics of one indexer over HTTP. It listens before Kafka Streams exists,
 * because its address is among the settings of Kafka Streams; until then it answers 503.
 */
public final class QueryServer implements AutoCloseable {
  private final QueryConfig config;
  private final Metrics metrics = new Metrics();
  private final QueryRoutes routes = new QueryRoutes(this::stats);
  private final HttpServer server;
  private final Set<String> paths;
  private volatile @Nullable Open open;

  private QueryServer(QueryConfig config) {
    this.config = config;
    List<Route> all = new ArrayList<>(routes.routes());
    all.addAll(new Health(this::dead, this::busy).routes());
    all.add(metrics.route());
    this.paths =
        all.stream()
            .map(route -> route.method() + " " + route.path())
            .collect(Collectors.toUnmodifiableSet());
    this.server = HttpServer.start(config.http(), all, metrics.registry());
  }

  /**
   * What is asked.
   *
   * @param store name of the memory's store
   * @param stores of how many partitions that is made
   * @param topK candidates of a neighbourhood
   * @param capacity images that the memory holds at most
   * @param failure why the service has failed; empty while it hasn't
   */
  public record Indexer(
      String applicationId,
      KafkaStreams streams,
      Banks banks,
      String store,
      int stores,
      int topK,
      int capacity,
      Supplier<Counts> counts,
      Supplier<Optional<String>> failure) {}

  private record Open(
      Indexer indexer,
      Images images,
      Searcher searcher,
      Peers peers,
      KafkaStreamsMetrics streamsMetrics)
      implements AutoCloseable {
    @Override
    public void close() {
      streamsMetrics.close();
      peers.close();
      searcher.close();
    }
  }

  /**
   * Listens.
   *
   * @throws stream.adasim.http.HttpStartException if it cannot listen there
   */
  public static QueryServer listen(QueryConfig config) {
    return new QueryServer(config);
  }

  /** host:port under which other instances reach this one. */
  public String advertised() {
    return server.advertised();
  }

  /** Methods and paths of all that it answers. */
  Set<String> routes() {
    return paths;
  }

  /** Where it listens, for people. */
  public URI url() {
    return server.url();
  }

  /** Answers from now on. */
  public void serve(Indexer indexer) {
    HostInfo self = HostInfo.buildFromEndpoint(advertised());
    MeterRegistry registry = metrics.registry();
    Images images = new Images(indexer.streams(), indexer.topK());
    Searcher searcher = new Searcher(config.searches(), config.timeout(), registry);
    Peers peers = new Peers(self, config.timeout(), config.http().token());
    KafkaStreamsMetrics streamsMetrics = new KafkaStreamsMetrics(indexer.streams());
    streamsMetrics.bindTo(registry);
    count(registry, indexer);
    open = new Open(indexer, images, searcher, peers, streamsMetrics);
    routes.serve(
        new Answers(
            new Directory(indexer.streams(), self),
            images,
            new Answers.Memory(indexer.banks(), indexer.store(), indexer.stores()),
            searcher,
            peers));
  }

  /** Ends what is under way; nothing asks Kafka Streams or the kernels afterwards. */
  @Override
  public void close() {
    server.close();
    Open last = open;
    if (last != null) {
      last.close();
    }
    metrics.close();
  }

  private Optional<String> dead() {
    Open now = open;
    return now == null ? Optional.empty() : now.indexer().failure().get();
  }

  private Optional<String> busy() {
    Open now = open;
    if (now == null) {
      return Optional.of("the service is starting");
    }
    KafkaStreams.State state = now.indexer().streams().state();
    return state == KafkaStreams.State.RUNNING
        ? Optional.empty()
        : Optional.of("state is being restored or moves: Kafka Streams is " + state);
  }

  private byte[] stats() {
    Open now = open;
    if (now == null) {
      throw Problem.unavailable("the service is starting", java.time.Duration.ofSeconds(1));
    }
    Indexer indexer = now.indexer();
    ObjectNode document = Documents.object();
    document
        .put("applicationId", indexer.applicationId())
        .put("instance", advertised())
        .put("state", indexer.streams().state().toString());
    ObjectNode memory = document.putObject("memory").put("capacity", indexer.capacity());
    Banks banks = indexer.banks();
    banks.recall().ifPresent(recall -> memory.put("recall", recall));
    var models =
        memory
            .put("partitions", banks.here().stream().mapToInt(Bank::partitions).sum())
            .putArray("models");
    for (Bank.Held held : held(banks)) {
      Optional<Models.Version> name = banks.models().newest(held.model());
      models
          .addObject()
          .put("modelId", name.map(Models.Version::modelId).orElse(null))
          .put("modelVersion", name.map(Models.Version::modelVersion).orElse(null))
          .put("dimension", held.dimension())
          .put("images", held.count());
    }
    Counts counts = indexer.counts().get();
    ObjectNode records =
        document
            .putObject("records")
            .put("read", counts.read())
            .put("processed", counts.processed())
            .put("deadLettered", counts.deadLettered());
    ObjectNode dropped = records.putObject("dropped");
    for (Drop reason : Drop.values()) {
      dropped.put(label(reason), counts.dropped().get(reason));
    }
    return Documents.bytes(document);
  }

  /** What all banks of this instance have, summed up by model. */
  private static Collection<Bank.Held> held(Banks banks) {
    Map<Long, Bank.Held> held = new LinkedHashMap<>();
    for (Bank bank : banks.here()) {
      for (Bank.Held one : bank.held()) {
        held.merge(
            one.model(),
            one,
            (a, b) -> new Bank.Held(a.model(), a.dimension(), a.count() + b.count()));
      }
    }
    return held.values();
  }

  private static String label(Drop reason) {
    return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void count(MeterRegistry registry, Indexer indexer) {
    records(registry, indexer, "processed", "none", Counts::processed);
    records(registry, indexer, "dead-lettered", "none", Counts::deadLettered);
    for (Drop reason : Drop.values()) {
      records(
          registry,
          indexer,
          "dropped",
          label(reason),
          counts -> counts.dropped().getOrDefault(reason, 0L));
    }
    Gauge.builder(
            "adasim.indexer.memory.images",
            indexer.banks(),
            banks -> held(banks).stream().mapToInt(Bank.Held::count).sum())
        .description("Images in the memory of this instance")
        .register(registry);
    Gauge.builder(
            "adasim.indexer.search.recall",
            indexer.banks(),
            banks -> banks.recall().orElse(Double.NaN))
        .description("Share of the nearest that searches found of late; NaN where all are exact")
        .register(registry);
    Gauge.builder("adasim.indexer.memory.capacity", indexer, Indexer::capacity)
        .description("Images that the memory holds at most")
        .register(registry);
  }

  private static void records(
      MeterRegistry registry,
      Indexer indexer,
      String outcome,
      String reason,
      ToDoubleFunction<Counts> number) {
    FunctionCounter.builder(
            "adasim.indexer.records", indexer, i -> number.applyAsDouble(i.counts().get()))
        .description("Records of representations by what became of them")
        .tags("outcome", outcome, "reason", reason)
        .register(registry);
  }
}
