package stream.adasim.ingest.http;

import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.StringSerializer;
import stream.adasim.avro.Image;
import stream.adasim.http.Health;
import stream.adasim.http.HttpServer;
import stream.adasim.http.Metrics;
import stream.adasim.http.Route;
import stream.adasim.ingest.IngestReport;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;

/**
 * Takes images over HTTP and answers when Kafka has acknowledged them.
 *
 * <p>Memory is bounded: bodies hold {@code ingest.http.memory} at most, as much again while they
 * are put together and serialised, and the producer its {@code buffer.memory} (64 MiB, or four of
 * the largest images).
 */
public final class IngestService implements AutoCloseable {
  private static final Duration LAST_WAIT = Duration.ofSeconds(15);

  private final Producer<String, Image> producer;
  private final Metrics metrics = new Metrics();
  private final KafkaClientMetrics clientMetrics;
  private final AtomicReference<IngestReport> files = new AtomicReference<>(IngestReport.NOTHING);
  private final Set<String> paths;
  private final HttpServer server;

  /**
   * @param producer belongs to the service from now on
   */
  IngestService(
      ReceiverConfig config,
      int imageMaxBytes,
      Producer<String, Image> producer,
      String topic,
      InstantSource clock) {
    this.producer = producer;
    clientMetrics = new KafkaClientMetrics(producer);
    clientMetrics.bindTo(metrics.registry());
    Budget budget = new Budget(config.requests(), config.memory());
    Delivery delivery = new Delivery(producer, topic, config.timeout(), System::nanoTime);
    Intake intake =
        new Intake(delivery, new IntakeMetrics(metrics.registry(), budget, files), clock);
    List<Route> routes =
        new ArrayList<>(
            new ImageRoutes(intake, new ImageBody(imageMaxBytes), budget, config.requestMaxBytes())
                .routes());
    routes.addAll(new Health(Optional::empty, delivery::failure).routes());
    routes.add(metrics.route());
    paths =
        routes.stream()
            .map(route -> route.method() + " " + route.path())
            .collect(Collectors.toUnmodifiableSet());
    server = HttpServer.start(config.http(), routes, metrics.registry());
  }

  /**
   * Creates or verifies the topic, and listens.
   *
   * @throws stream.adasim.http.HttpStartException if it cannot listen there
   * @throws stream.adasim.schemas.catalogue.CatalogueException if the topic is not as it must be,
   *     or no broker can be reached
   */
  public static IngestService start(
      Connection connection, ReceiverConfig config, InstantSource clock) {
    TopicCatalogue catalogue = new TopicCatalogue(connection);
    try (Admin admin = Admin.create(connection.admin())) {
      catalogue.ensure(admin, Set.of(Topic.IMAGES));
    }
    AvroSerializer<Image> serializer = new AvroSerializer<>();
    serializer.configure(connection.serde(), false);
    Producer<String, Image> producer =
        new KafkaProducer<>(
            Delivery.properties(connection, config.timeout()), new StringSerializer(), serializer);
    try {
      return new IngestService(
          config, connection.imageMaxBytes(), producer, catalogue.name(Topic.IMAGES), clock);
    } catch (RuntimeException e) {
      producer.close(Duration.ZERO);
      throw e;
    }
  }

  /** Where it listens, for people. */
  public URI url() {
    return server.url();
  }

  /** Tells what the same process has read from files so far, for the metrics. */
  public void readFromFiles(IngestReport report) {
    files.set(report);
  }

  /** Methods and paths of all that it answers. */
  Set<String> routes() {
    return paths;
  }

  /** Takes no more requests, gives those under way two seconds, and waits for Kafka. */
  @Override
  public void close() {
    server.close();
    clientMetrics.close();
    producer.close(LAST_WAIT);
    metrics.close();
  }
}
