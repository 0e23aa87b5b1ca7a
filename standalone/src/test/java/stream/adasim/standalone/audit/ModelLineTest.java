package stream.adasim.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.ModelManifest;
import stream.adasim.avro.ModelPart;

class ModelLineTest {
  private final ModelLine line = new ModelLine();

  private void snapshot(String model, long version, String sha256) {
    line.part(new ModelPart(model, version, 0, ByteBuffer.allocate(1), null));
    ModelManifest manifest = new ModelManifest(Map.of(), 1, 1L, sha256, 0L, Instant.EPOCH, "f32");
    line.part(new ModelPart(model, version, -1, ByteBuffer.allocate(0), manifest));
  }

  @Test
  void oneLineIsFine() {
    snapshot("a", 0, "x");
    snapshot("a", 1, "y");
    snapshot("a", 3, "z"); // compaction took 2
    assertThat(line.outcome().faults().examples()).isEmpty();
    assertThat(line.outcome().snapshots()).isEqualTo(3);
    assertThat(line.outcome().newest()).isEqualTo(3);
  }

  @Test
  void aModelMayReplaceAnother() {
    snapshot("a", 5, "x");
    snapshot("b", 0, "y");
    snapshot("b", 1, "z");
    assertThat(line.outcome().models()).isEqualTo(2);
    assertThat(line.outcome().faults().count()).isZero();
  }

  @Test
  void noticesAFork() {
    snapshot("a", 4, "x");
    snapshot("a", 4, "y");
    assertThat(line.outcome().faults().examples())
        .containsExactly("a version 4 forks: SHA-256 x and y");
  }

  @Test
  void noticesWhoGoesBack() {
    snapshot("a", 4, "x");
    snapshot("a", 5, "y");
    snapshot("a", 4, "x");
    assertThat(line.outcome().faults().examples())
        .contains("a went back from version 5 to 4")
        .hasSize(2); // part and manifest
  }

  @Test
  void noticesAReplacedModelThatGoesOn() {
    snapshot("a", 4, "x");
    snapshot("b", 0, "y");
    snapshot("a", 5, "z");
    assertThat(line.outcome().faults().examples()).contains("a version 5 after b had begun");
  }
}
