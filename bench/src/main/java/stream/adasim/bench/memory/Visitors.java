package stream.adasim.bench.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.schemas.catalogue.Topic;
import stream.adasim.schemas.catalogue.TopicCatalogue;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroSerializer;
import stream.adasim.schemas.wire.Vectors;

/** Sends visits and arrivals as a learner would: one pass over all images after the other. */
final class Visitors implements AutoCloseable {
  private static final int CLASSES = 10;
  private static final float SPREAD = 0.7f;

  private final KafkaProducer<String, byte[]> producer;
  private final AvroSerializer<Representation> values = new AvroSerializer<>();
  private final String topic;
  private final int images;
  private final float[][] vectors;
  private long visits;
  private long arrivals;

  Visitors(Connection connection, int images, int dimension) {
    producer =
        new KafkaProducer<>(
            connection.producer(), new StringSerializer(), new ByteArraySerializer());
    values.configure(connection.serde(), false);
    topic = new TopicCatalogue(connection).name(Topic.REPRESENTATIONS);
    this.images = images;
    vectors = vectors(images, dimension);
  }

  /** Unit vectors around one of ten means. */
  private static float[][] vectors(int images, int dimension) {
    SplittableRandom random = new SplittableRandom(1);
    float[][] means = new float[CLASSES][dimension];
    for (float[] mean : means) {
      for (int d = 0; d < dimension; d++) {
        mean[d] = (float) random.nextGaussian();
      }
    }
    float[][] vectors = new float[images][dimension];
    for (int i = 0; i < images; i++) {
      double squares = 0;
      for (int d = 0; d < dimension; d++) {
        vectors[i][d] = means[i % CLASSES][d] + SPREAD * (float) random.nextGaussian();
        squares += vectors[i][d] * vectors[i][d];
      }
      for (int d = 0; d < dimension; d++) {
        vectors[i][d] /= (float) Math.sqrt(squares);
      }
    }
    return vectors;
  }

  /** Sends the next visits as fast as it goes. */
  void visit(long count) {
    for (long i = 0; i < count; i++) {
      int image = (int) (visits % images);
      send("image-" + image, RepresentationKind.VISIT, image, (int) (visits / images) + 1, 0);
      visits++;
    }
    producer.flush();
  }

  /**
   * Sends visits at an even rate, and after every tenth an arrival.
   *
   * @return by id of the arrival, the nanoTime at which it was sent
   */
  Map<String, Long> mixed(long count, double perSecond) {
    Map<String, Long> sent = new LinkedHashMap<>();
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      long due = start + (long) (i / perSecond * 1e9);
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      int image = (int) (visits % images);
      send("image-" + image, RepresentationKind.VISIT, image, (int) (visits / images) + 1, 0);
      visits++;
      if (i % 10 == 9) {
        String id = "arrival-" + arrivals;
        sent.put(id, System.nanoTime());
        send(id, RepresentationKind.ARRIVAL, image, 0, arrivals);
        arrivals++;
      }
    }
    producer.flush();
    return sent;
  }

  private void send(String id, RepresentationKind kind, int image, int visit, long offset) {
    Representation value =
        Representation.newBuilder()
            .setKind(kind)
            .setVector(Vectors.of(vectors[image]))
            .setQuery(Vectors.of(new float[0]))
            .setVisit(visit)
            .setStep(visit)
            .setModelId("bench")
            .setModelVersion(1)
            .setFingerprint(image)
            .setCapturedAt(Instant.EPOCH)
            .setSourcePartition(0)
            .setSourceOffset(offset)
            .build();
    var _ = producer.send(new ProducerRecord<>(topic, id, values.serialize(topic, value)));
  }

  /** Visits sent so far. */
  long visits() {
    return visits;
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
    values.close();
  }
}
