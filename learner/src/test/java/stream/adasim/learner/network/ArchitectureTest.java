package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import stream.adasim.learner.network.MlpHead.Kind;
import stream.adasim.learner.network.ResNetShape.Stem;

class ArchitectureTest {
  @Test
  void survivesTheManifest() {
    for (String name : Architecture.NAMES) {
      int registers = name.startsWith("resnet") ? 0 : 3;
      var architecture = Architecture.named(name, 32, 4, registers, Stem.IMAGENET, 1024);
      assertThat(Architecture.of(architecture.toMap())).isEqualTo(architecture);
    }
  }

  @Test
  void isWrittenAsEverWhereThereAreNoRegisters() {
    assertThat(Architecture.named("micro", 32, 8, 64).toMap().keySet())
        .containsExactly(
            "kind",
            "imageSize",
            "patchSize",
            "dim",
            "depth",
            "heads",
            "mlpRatio",
            "headHidden",
            "headBottleneck",
            "prototypes");
  }

  @Test
  void comesBackFromItsMapWithAnyHead() {
    for (Kind kind : Kind.values()) {
      Architecture micro = Architecture.named("micro", 32, 8, 64);
      Architecture headed = micro.withHead(MlpHead.published(kind, micro.dim()));
      assertThat(Architecture.of(headed.toMap())).isEqualTo(headed).isNotEqualTo(micro);
      assertThatIllegalStateException()
          .isThrownBy(headed::prototypes)
          .withMessageContaining("has no prototypes");
    }
  }

  @Test
  void headsAreAsWideAsPublishedAndNarrowerBehindTheMicroNetwork() {
    assertThat(MlpHead.published(Kind.BYOL, 384))
        .isEqualTo(new MlpHead(Kind.BYOL, 4096, 256, 4096));
    assertThat(MlpHead.published(Kind.SIMSIAM, 96))
        .isEqualTo(new MlpHead(Kind.SIMSIAM, 512, 512, 128));
    assertThat(MlpHead.published(Kind.SIMCLR, 96)).isEqualTo(new MlpHead(Kind.SIMCLR, 512, 128, 0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MlpHead(Kind.SIMCLR, 4, 4, 4))
        .withMessageContaining("predictorHidden=4 must be 0");
  }

  @Test
  void knowsTheWidthsOfResidualNetworks() {
    assertThat(Architecture.named("resnet10", 32, 8, 64).dim()).isEqualTo(256);
    assertThat(Architecture.named("resnet18", 32, 8, 64).dim()).isEqualTo(512);
    assertThat(Architecture.named("resnet50", 224, 8, 0, Stem.IMAGENET, 64).dim()).isEqualTo(2048);
  }

  @Test
  void countsTokensAndPixels() {
    var architecture = Architecture.named("micro", 32, 4, 1024);
    assertThat(new VitShape(32, 4, 96, 4, 3, 4, 5).tokens()).isEqualTo(70);
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
    map.put("kind", "mixer");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(map))
        .withMessage("architecture's kind=mixer must be one of vit, resnet");
    var resNet = new LinkedHashMap<>(Architecture.named("resnet18", 32, 4, 512).toMap());
    resNet.put("stem", "tall");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(resNet))
        .withMessage("architecture's stem=tall must be one of [CIFAR, IMAGENET]");
    resNet.put("stem", "cifar");
    resNet.put("depths", "2,,2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.of(resNet))
        .withMessage("architecture's depths= must be a whole number");
  }

  @Test
  void rejectsNumbersThatDoNotFitEachOther() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("micro", 30, 4, 512))
        .withMessage("imageSize=30 must be a multiple of patchSize=4, such as 28 or 32");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Architecture(new VitShape(32, 4, 100, 4, 3, 4, 0), 64, 32, 16))
        .withMessage("dim=100 must be a multiple of heads=3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("micro", 32, 4, 0))
        .withMessage("prototypes=0 must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("nano", 32, 4, 16))
        .withMessageContaining("micro, tiny, small, base, resnet10, resnet18, resnet50");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Architecture.named("resnet18", 32, 4, 3, Stem.CIFAR, 16))
        .withMessage("registers=3 must be 0: resnet18 has no tokens");
  }
}
