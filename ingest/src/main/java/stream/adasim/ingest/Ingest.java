package stream.adasim.ingest;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Image;
import stream.adasim.ingest.source.Folder;
import stream.adasim.ingest.source.FolderWatch;
import stream.adasim.ingest.source.Source;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;

/** Sends images to the {@code images} topic. */
public final class Ingest {

  private Ingest() {}

  /**
   * Creates or verifies the topic, sends what the options say and returns once all of it is
   * acknowledged. Sending the same again overwrites and doubles nothing.
   *
   * @param unreadable is told one line for each thing that should have been an image and cannot be
   *     sent; called on this thread
   * @param stop asked between images and several times a second while waiting; once true, no more
   *     is sent and what was sent is waited for
   * @throws stream.adasim.ingest.source.SourceException if a path is no source or options
   *     contradict each other; nothing was sent
   * @throws stream.adasim.schemas.catalogue.CatalogueException if the topic is not as it must be
   * @throws IngestException if broker or registry fail, or the thread is interrupted
   */
  public static IngestReport send(
      IngestConfig config,
      IngestOptions options,
      Consumer<String> unreadable,
      BooleanSupplier stop) {
    return send(config, options, unreadable, stop, _ -> new Progress.Quiet());
  }

  /**
   * As the other, showing how it goes.
   *
   * @param progress opened with the number of items to expect, where that is known
   */
  static IngestReport send(
      IngestConfig config,
      IngestOptions options,
      Consumer<String> unreadable,
      BooleanSupplier stop,
      Function<List<Source>, Progress> progress) {
    Connection connection = config.connection();
    List<Source> sources = options.sources(connection.imageMaxBytes());
    var catalogue = new TopicCatalogue(connection);
    try (Producer<String, Image> producer = ensured(connection, catalogue)) {
      var sender = new Sender(producer, catalogue.name(Topic.IMAGES), config.maxInFlight());
      // Opened before the first pass, so that nothing falls between the pass and the watch.
      try (FolderWatch watch = watch(config, options, sources);
          Progress shown = progress.apply(sources)) {
        Predicate<String> known =
            options.onlyNew()
                ? KnownIds.read(connection, catalogue.name(Topic.IMAGES))::contains
                : _ -> false;
        var run =
            new Run(
                config.capturedAt(),
                config.sourceFolder(),
                options,
                sender::send,
                unreadable,
                shown,
                stop,
                known,
                InstantSource.system(),
                System::nanoTime);
        IngestReport report = run.all(sources, watch);
        sender.drain();
        return report;
      } catch (IngestException e) {
        producer.close(Duration.ZERO); // what is left would only fail again, after minutes
        throw e;
      }
    } catch (KafkaException e) {
      throw new IngestException(OneLine.of(e), e);
    }
  }

  private static Producer<String, Image> ensured(Connection connection, TopicCatalogue catalogue) {
    try (Admin admin = Admin.create(connection.admin())) {
      catalogue.ensure(admin, Set.of(Topic.IMAGES));
    }
    var serializer = new AvroSerializer<Image>();
    serializer.configure(connection.serde(), false);
    return new KafkaProducer<>(connection.producer(), new StringSerializer(), serializer);
  }

  private static @Nullable FolderWatch watch(
      IngestConfig config, IngestOptions options, List<Source> sources) {
    if (!options.watch()) {
      return null;
    }
    List<Folder> folders =
        sources.stream().filter(Folder.class::isInstance).map(Folder.class::cast).toList();
    return FolderWatch.open(folders, InstantSource.system(), config.watchSettle());
  }
}
