package stream.adasim.learner.trainer;

import java.time.Duration;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;
import stream.adasim.schemas.wire.AvroDeserializer;

/** Reads all partitions of neighbours from the beginning. Not thread-safe. */
final class NeighbourFeed implements AutoCloseable {
  private final KafkaConsumer<String, Neighbourhood> consumer;

  NeighbourFeed(LearnerConfig config) {
    AvroDeserializer<Neighbourhood> values = new AvroDeserializer<>(Neighbourhood.class);
    values.configure(config.connection().serde(), false);
    consumer =
        new KafkaConsumer<>(config.connection().consumer(), new StringDeserializer(), values);
    WholeTopic.assign(consumer, new TopicCatalogue(config.connection()).name(Topic.NEIGHBOURS));
  }

  /** Hands on what has come. */
  void drain(Training training, Progress progress) {
    CatchUp.read(
        consumer,
        Duration.ZERO,
        message -> {
          training.neighbourhood(message.key(), message.value());
          if (message.value() != null) {
            progress.received(message.value());
          }
        });
  }

  @Override
  public void close() {
    consumer.close();
  }
}
