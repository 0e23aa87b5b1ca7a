package stream.adasim.indexer;

import java.time.Instant;
import java.util.random.RandomGenerator;
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
    double squares = 0;
    for (int i = 0; i < dimension; i++) {
      vector[i] = (float) random.nextGaussian();
      squares += (double) vector[i] * vector[i];
    }
    for (int i = 0; i < dimension; i++) {
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
