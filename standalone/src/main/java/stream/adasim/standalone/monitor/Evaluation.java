package stream.adasim.standalone.monitor;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.augment.Normalisation;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.models.ModelReader;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.records.ImageRecords;
import stream.adasim.learner.records.Incoming;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.catalogue.WholeTopic;

/**
 * Leave-one-out kNN accuracy of the labelled images in the images topic: of the untrained network,
 * of the newest snapshot, and of the pixels themselves, all three on the same images.
 */
public final class Evaluation {
  private static final int K = 20;
  private static final double TEMPERATURE = 0.07;
  private static final int BATCH = 64;

  /** More images would only take longer: the standard error is below half a point by then. */
  private static final int MOST = 10_000;

  /**
   * Accuracies within 0..1.
   *
   * @param images how many labelled images they were measured on
   * @param version of the newest snapshot
   */
  public record Result(
      int images, double untrained, double trained, double rawPixels, long version) {}

  @SuppressWarnings("ArrayRecordComponent") // thousands of floats, written once
  private record Labelled(float[] view, String label) {}

  private final LearnerConfig config;
  private final Kernels kernels;

  public Evaluation(LearnerConfig config, Kernels kernels) {
    this.config = config;
    this.kernels = kernels;
  }

  /** Empty where there are fewer than two labelled images, or no snapshot yet. */
  public Optional<Result> run() {
    Optional<ModelSnapshot> newest;
    try (ModelReader reader = new ModelReader(config.connection())) {
      newest = reader.readToEnd();
    }
    if (newest.isEmpty()) {
      return Optional.empty();
    }
    List<Labelled> images = List.copyOf(labelled().values());
    if (images.size() < 2) {
      return Optional.empty();
    }
    int[] labels = labels(images);
    ModelSnapshot trained = newest.get();
    float[] untrained = FeatureNetwork.initialWeights(trained.architecture(), config.seed());
    return Optional.of(
        new Result(
            images.size(),
            accuracy(images, labels, trained, untrained),
            accuracy(images, labels, trained, trained.weights()),
            rawPixels(images, labels),
            trained.version()));
  }

  private double accuracy(
      List<Labelled> images, int[] labels, ModelSnapshot model, float[] weights) {
    int dim = model.architecture().dim();
    float[] vectors = new float[images.size() * dim];
    FeatureNetwork network = new FeatureNetwork(kernels, model.architecture());
    network.load(weights);
    for (int start = 0; start < images.size(); start += BATCH) {
      List<Labelled> batch = images.subList(start, Math.min(images.size(), start + BATCH));
      float[] features = network.features(views(batch), batch.size());
      System.arraycopy(features, 0, vectors, start * dim, batch.size() * dim);
    }
    return Knn.leaveOneOut(kernels, vectors, dim, labels, K, TEMPERATURE);
  }

  private double rawPixels(List<Labelled> images, int[] labels) {
    return Knn.rawPixels(
        kernels, views(images), config.architecture().imageSize(), labels, K, TEMPERATURE);
  }

  private static float[] views(List<Labelled> images) {
    int floats = images.getFirst().view().length;
    float[] views = new float[images.size() * floats];
    for (int i = 0; i < images.size(); i++) {
      System.arraycopy(images.get(i).view(), 0, views, i * floats, floats);
    }
    return views;
  }

  private static int[] labels(List<Labelled> images) {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    int[] labels = new int[images.size()];
    Arrays.setAll(
        labels, i -> numbers.computeIfAbsent(images.get(i).label(), label -> numbers.size()));
    return labels;
  }

  /** The newest content of every labelled image that is not deleted, the first so many ids. */
  private Map<String, Labelled> labelled() {
    int size = config.architecture().imageSize();
    Views views = new Views(size, Normalisation.IMAGENET);
    Map<String, Labelled> images = new LinkedHashMap<>();
    String topic = new TopicCatalogue(config.connection()).name(Topic.IMAGES);
    try (ImageRecords records = new ImageRecords(config.connection(), config.decodeLimits(), size);
        KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(
                config.connection().consumer(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      WholeTopic.read(consumer, topic, message -> take(images, records.read(message), views, size));
    }
    return images;
  }

  private static void take(Map<String, Labelled> images, Incoming incoming, Views views, int size) {
    switch (incoming) {
      case Incoming.Arrival arrival -> {
        @Nullable String label = arrival.image().getLabel();
        if (label == null) {
          images.remove(arrival.id());
        } else if (images.size() < MOST || images.containsKey(arrival.id())) {
          float[] view = new float[3 * size * size];
          views.clean(arrival.pixels(), view, 0);
          images.put(arrival.id(), new Labelled(view, label));
        }
      }
      case Incoming.Deleted(var id) -> images.remove(id);
      case Incoming.Bad bad -> {}
    }
  }
}
