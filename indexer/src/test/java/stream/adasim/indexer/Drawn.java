package stream.adasim.indexer;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.apache.kafka.streams.KeyValue;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.schemas.wire.Vectors;

/** Random vectors, and records about them. */
public final class Drawn {
  public static final String MODEL = "model-a";
  public static final Instant CAPTURED = Instant.parse("2026-11-01T10:00:00Z");
  public static final Memory.Origin ORIGIN = new Memory.Origin("camera", "cat", CAPTURED);

  private Drawn() {}

  public static float[] unit(RandomGenerator random, int dimension) {
    float[] vector = new float[dimension];
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) random.nextGaussian();
    }
    return normalized(vector);
  }

  /** The vector itself, which is of unit length then. */
  public static float[] normalized(float[] vector) {
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] /= (float) Math.sqrt(squares);
    }
    return vector;
  }

  /** A direction of the plane, in degrees: cosines between them are easy to say. */
  public static float[] at(double degrees) {
    double angle = Math.toRadians(degrees);
    return new float[] {(float) Math.cos(angle), (float) Math.sin(angle)};
  }

  public static Representation arrival(long offset, String model, long version, float[] vector) {
    return record(RepresentationKind.ARRIVAL, offset)
        .setModelId(model)
        .setModelVersion(version)
        .setVector(Vectors.of(vector))
        .build();
  }

  public static Representation.Builder visit(int visit, float[] vector) {
    return record(RepresentationKind.VISIT, 0)
        .setModelId(MODEL)
        .setVisit(visit)
        .setStep(100 + visit)
        .setFingerprint(7)
        .setVector(Vectors.of(vector));
  }

  public static Representation deletion(long offset) {
    return record(RepresentationKind.DELETION, offset).build();
  }

  /** What a learner would write over time: offsets and visit numbers of an id only rise. */
  static List<KeyValue<String, Representation>> log(long seed, int size) {
    Random random = new Random(seed);
    int images = 90;
    int[] visits = new int[images];
    long[] offsets = new long[images];
    List<KeyValue<String, Representation>> log = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      int image = random.nextInt(images);
      String id = "image-" + image;
      if (offsets[image] == 0 || random.nextInt(10) == 0) {
        offsets[image] = i;
        log.add(KeyValue.pair(id, arrival(i, MODEL, 0, unit(random, 12))));
      } else if (random.nextInt(12) == 0) {
        offsets[image] = 0;
        log.add(KeyValue.pair(id, deletion(i)));
      } else {
        log.add(
            KeyValue.pair(
                id,
                visit(++visits[image], unit(random, 12))
                    .setSourceOffset(offsets[image])
                    .setFingerprint(offsets[image])
                    .build()));
      }
    }
    return log;
  }

  private static Representation.Builder record(RepresentationKind kind, long offset) {
    return Representation.newBuilder()
        .setKind(kind)
        .setVector(Vectors.of(new float[0]))
        .setCapturedAt(CAPTURED)
        .setSource("camera")
        .setSourcePartition(0)
        .setSourceOffset(offset);
  }
}
