package stream.adasim.learner.monitoring;

import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import stream.adasim.http.Health;
import stream.adasim.http.HttpConfig;
import stream.adasim.http.HttpServer;
import stream.adasim.http.Metrics;
import stream.adasim.http.Route;

/** Health and metrics of one learner over HTTP. */
public final class LearnerServer implements AutoCloseable {
  /** Where it listens unless told otherwise. */
  public static final int DEFAULT_PORT = 8082;

  private final Metrics metrics = new Metrics();
  private final LearnerMetrics learner;
  private final HttpServer server;

  /**
   * Listens.
   *
   * @param dead why the learner has to be restarted, or empty
   * @param busy why it does not embed or train yet, or empty
   * @throws stream.adasim.http.HttpStartException if it cannot listen there
   */
  public LearnerServer(
      HttpConfig config,
      Supplier<Optional<String>> dead,
      Supplier<Optional<String>> busy,
      InstantSource clock) {
    learner = new LearnerMetrics(metrics.registry(), clock);
    List<Route> routes = new ArrayList<>(new Health(dead, busy).routes());
    routes.add(metrics.route());
    server = HttpServer.start(config, routes, metrics.registry());
  }

  /** To be told what the learner does. */
  public LearnerMetrics metrics() {
    return learner;
  }

  /** Where it listens, for people. */
  public URI url() {
    return server.url();
  }

  @Override
  public void close() {
    server.close();
    metrics.close();
  }
}
