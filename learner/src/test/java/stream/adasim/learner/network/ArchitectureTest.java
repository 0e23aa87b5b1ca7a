package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  @Test
  void survivesTheManifest() {
    for (String name : new String[] {"micro", "tiny", "small", "base"}) {
      var architecture = Architecture.named(name, 32, 4, 1024);
      assertThat(Architecture.of(architecture.toMap())).isEqualTo(architecture);
    }
  }

  @Test
  void countsTokensAndPixels() {
    var architecture = Architecture.named("micro", 32, 4, 1024);
    assertThat(architecture.tokens()).isEqualTo(65);
    assertThat(architecture.pixels()).isEqualTo(3 * 32 * 32);
  }

  @Test
  void namesTheEntryThatIsMissingOrMalformed() {
    var map = new LinkedHashMap<>(Architecture.named("tiny", 32, 4, 512).toMap());
    map.put("heads", "three");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(map))
        .withMessageContaining("heads=three");
    map.remove("heads");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(map))
        .withMessageContaining("lacks heads");
    map.put("kind", "resnet");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(map))
        .withMessageContaining("kind=resnet");
  }

  @Test
  void rejectsNumbersThatDoNotFitEachOther() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("micro", 30, 4, 512))
        .withMessage("imageSize=30 must be a multiple of patchSize=4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Architecture(32, 4, 100, 4, 3, 4, 64, 32, 16))
        .withMessage("dim=100 must be a multiple of heads=3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("micro", 32, 4, 0))
        .withMessage("prototypes=0 must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("nano", 32, 4, 16))
        .withMessageContaining("micro, tiny, small, base");
  }
}
