package stream.adasim.learner.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.ModelPart;
import stream.adasim.learner.network.Architecture;

class ModelPartsTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_000);

  private static ModelSnapshot snapshot(int floats) {
    float[] weights = new float[floats];
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < floats; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return new ModelSnapshot("m", 7, 42, Architecture.named("micro", 32, 4, 64), weights);
  }

  private static SortedMap<Integer, ByteBuffer> payloads(List<ModelPart> parts) {
    SortedMap<Integer, ByteBuffer> payloads = new TreeMap<>();
    parts.stream()
        .filter(part -> part.getPart() >= 0)
        .forEach(part -> payloads.put(part.getPart(), part.getPayload()));
    return payloads;
  }

  @Test
  void joinsWhatItSplits() {
    ModelSnapshot snapshot = snapshot(600_001);
    List<ModelPart> parts = ModelParts.split(snapshot, NOW);
    ModelPart head = parts.getLast();
    assertThat(parts).hasSize(4);
    assertThat(parts.stream().map(ModelParts::key))
        .containsExactly("m/0", "m/1", "m/2", "m/manifest");
    ModelSnapshot joined = ModelParts.join(head, head.getManifest(), payloads(parts));
    assertThat(Arrays.equals(joined.weights(), snapshot.weights())).isTrue();
    assertThat(joined.architecture()).isEqualTo(snapshot.architecture());
    assertThat(joined.version()).isEqualTo(7);
    assertThat(joined.step()).isEqualTo(42);
  }

  @Test
  void refusesAFlippedBit() {
    List<ModelPart> parts = ModelParts.split(snapshot(1000), NOW);
    SortedMap<Integer, ByteBuffer> payloads = payloads(parts);
    ByteBuffer bytes = parts.getFirst().getPayload();
    bytes.put(17, (byte) (bytes.get(17) ^ 4));
    ModelPart head = parts.getLast();
    assertThatThrownBy(() -> ModelParts.join(head, head.getManifest(), payloads))
        .isInstanceOf(DamagedSnapshotException.class)
        .hasMessageContaining("models m version 7")
        .hasMessageContaining("checksum");
  }

  @Test
  void sendsHalvesOfWhatTheyHoldExactly() {
    ModelSnapshot snapshot = snapshot(600_001);
    float[] weights = snapshot.weights();
    for (int i = 0; i < weights.length; i++) {
      weights[i] = Float.float16ToFloat(Float.floatToFloat16(weights[i]));
    }
    List<ModelPart> parts = ModelParts.split(snapshot, NOW);
    ModelPart head = parts.getLast();
    assertThat(head.getManifest().getBytes()).isEqualTo(2 * 600_001);
    assertThat(head.getManifest().getEncoding()).isEqualTo("f16");
    ModelSnapshot joined = ModelParts.join(head, head.getManifest(), payloads(parts));
    assertThat(Arrays.equals(joined.weights(), weights)).isTrue();
  }

  @Test
  void refusesAnEncodingOfTheFuture() {
    List<ModelPart> parts = ModelParts.split(snapshot(1000), NOW);
    ModelPart head = parts.getLast();
    head.getManifest().setEncoding("f8");
    assertThatThrownBy(() -> ModelParts.join(head, head.getManifest(), payloads(parts)))
        .isInstanceOf(DamagedSnapshotException.class)
        .hasMessageContaining("encoded as f8, expected f32 or f16");
  }
}
