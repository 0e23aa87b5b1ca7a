package stream.adasim.schemas.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.avro.generic.PrimitivesArrays.FloatArray;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.Embedding;

final class VectorsTest {
  private static final long SEED = 4711;
  private static final int LENGTH = 100_000;
  // A boxed float takes 16 bytes, or 1.6 MB for all of them.
  private static final int SLACK = 300_000;

  private static final SpecificData DATA = SpecificData.getForClass(Embedding.class);

  private static float[] random() {
    SplittableRandom random = new SplittableRandom(SEED);
    float[] vector = new float[LENGTH];
    for (int i = 0; i < LENGTH; i++) {
      vector[i] = (float) random.nextDouble(-1, 1);
    }
    return vector;
  }

  private static Embedding embedding(List<Float> vector) {
    return Embedding.newBuilder()
        .setVector(vector)
        .setDimension(vector.size())
        .setModelId("m")
        .setModelVersion(1)
        .setCapturedAt(Instant.EPOCH)
        .setEmbeddedAt(Instant.EPOCH)
        .setSourcePartition(0)
        .setSourceOffset(0)
        .build();
  }

  private static void write(Embedding embedding, OutputStream out) throws IOException {
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new UnboxedWriter<Embedding>(Embedding.SCHEMA$, DATA).write(embedding, encoder);
    encoder.flush();
  }

  private static Embedding read(byte[] bytes) throws IOException {
    return new UnboxedReader<Embedding>(Embedding.SCHEMA$, Embedding.SCHEMA$, DATA)
        .read(null, DecoderFactory.get().binaryDecoder(bytes, null));
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void decodedVectorsArePrimitiveArraysWithTheBitsThatWereWritten() throws IOException {
    float[] vector = {1f, -0f, Float.NaN, Float.MIN_VALUE, Float.NEGATIVE_INFINITY};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(embedding(Vectors.of(vector)), out);
    Embedding decoded = read(out.toByteArray());
    assertThat(decoded.getVector()).isInstanceOf(FloatArray.class);
    assertThat(Vectors.toArray(decoded.getVector())).isEqualTo(vector);
  }

  @Test
  void writesAnyListTheSameWay() throws IOException {
    ByteArrayOutputStream primitive = new ByteArrayOutputStream();
    ByteArrayOutputStream boxed = new ByteArrayOutputStream();
    write(embedding(Vectors.of(new float[] {1f, 2f})), primitive);
    write(embedding(List.of(1f, 2f)), boxed);
    assertThat(primitive.toByteArray()).isEqualTo(boxed.toByteArray());
    assertThat(Vectors.toArray(List.of(1f, 2f))).containsExactly(1f, 2f);
    assertThat(Vectors.of(new float[0])).isEmpty();
  }

  @Test
  void nothingIsBoxedOnTheWayThereAndBack() throws IOException {
    float[] vector = random();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(embedding(Vectors.of(vector)), out);
    byte[] bytes = out.toByteArray();
    read(bytes);

    long start = allocated();
    Embedding embedding = embedding(Vectors.of(vector));
    long made = allocated();
    write(embedding, OutputStream.nullOutputStream());
    long written = allocated();
    Embedding decoded = read(bytes);
    long read = allocated();
    float[] back = Vectors.toArray(decoded.getVector());
    long copied = allocated();

    int floats = LENGTH * Float.BYTES;
    assertThat(back).as("seed %d", SEED).isEqualTo(vector);
    assertThat(made - start).as("making").isLessThan(floats + SLACK);
    assertThat(written - made).as("writing").isLessThan(SLACK);
    assertThat(read - written).as("reading").isLessThan(floats + SLACK);
    assertThat(copied - read).as("copying").isLessThan(floats + SLACK);
  }
}
