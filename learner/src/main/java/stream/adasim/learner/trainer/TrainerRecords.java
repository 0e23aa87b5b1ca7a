package stream.adasim.learner.trainer;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import stream.adasim.avro.ModelPart;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.learner.models.ModelParts;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.records.Representations;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.wire.AvroSerializer;

/** Makes the records that a trainer sends. Not thread-safe. */
final class TrainerRecords implements AutoCloseable {
  private final Representations representations;
  private final AvroSerializer<ModelPart> parts = new AvroSerializer<>();
  private final AvroSerializer<TrainingProgress> progress = new AvroSerializer<>();
  private final String models;
  private final String trainingProgress;
  private final byte[] learnerId;

  TrainerRecords(LearnerConfig config) {
    representations = new Representations(config.connection());
    parts.configure(config.connection().serde(), false);
    progress.configure(config.connection().serde(), false);
    TopicCatalogue topics = new TopicCatalogue(config.connection());
    models = topics.name(Topic.MODELS);
    trainingProgress = topics.name(Topic.TRAINING_PROGRESS);
    learnerId = config.learnerId().getBytes(StandardCharsets.UTF_8);
  }

  ProducerRecord<byte[], byte[]> visit(Visit visit, Training training, long version) {
    return representations.visit(
        visit.image(),
        training.visitNumber(visit.image()),
        training.step(),
        training.modelId(),
        version,
        visit.vector(),
        visit.query());
  }

  List<ProducerRecord<byte[], byte[]>> snapshot(ModelSnapshot snapshot, Instant now) {
    return ModelParts.split(snapshot, now).stream()
        .map(
            part ->
                new ProducerRecord<>(
                    models,
                    ModelParts.key(part).getBytes(StandardCharsets.UTF_8),
                    parts.serialize(models, part)))
        .toList();
  }

  ProducerRecord<byte[], byte[]> progress(TrainingProgress value) {
    return new ProducerRecord<>(
        trainingProgress, learnerId, progress.serialize(trainingProgress, value));
  }

  @Override
  public void close() {
    representations.close();
    parts.close();
    progress.close();
  }
}
