package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.ResNetShape.Stem;

class ParameterLayoutTest {
  private final Architecture architecture = Architecture.named("micro", 32, 4, 1024);
  private final ParameterLayout layout = new ParameterLayout(architecture);

  @Test
  void leavesNoGaps() {
    int offset = 0;
    for (Slice slice : layout.slices()) {
      assertThat(slice.offset()).as(slice.name()).isEqualTo(offset);
      assertThat(slice.shape().stream().reduce(1, (x, y) -> x * y)).isEqualTo(slice.size());
      offset += slice.size();
    }
    assertThat(offset).isEqualTo(layout.size());
  }

  @Test
  void decaysAllButBiasesAndNorms() {
    for (Slice slice : layout.slices()) {
      boolean spared = slice.name().endsWith(".bias") || slice.name().contains("norm");
      assertThat(slice.offset() < layout.decayedSize()).as(slice.name()).isEqualTo(!spared);
    }
  }

  @Test
  void keepsTheBackboneTogether() {
    int end = layout.backboneOffset() + layout.backboneSize();
    for (Slice slice : layout.slices()) {
      boolean inside = slice.offset() >= layout.backboneOffset() && slice.offset() < end;
      assertThat(inside).as(slice.name()).isEqualTo(!slice.name().startsWith("head."));
    }
  }

  @Test
  void hasTheSizeOfTheNetwork() {
    int block = 12 * 96 * 96 + (3 + 1 + 4 + 1) * 96 + 4 * 96;
    int backbone = 96 * 48 + 96 + 96 + 65 * 96 + 4 * block + 2 * 96;
    int head = 512 * 96 + 512 + 512 * 512 + 512 + 128 * 512 + 128 + 1024 * 128;
    assertThat(layout.backboneSize()).isEqualTo(backbone);
    assertThat(layout.size()).isEqualTo(backbone + head);
    assertThat(layout.lastLayer().offset()).isZero();
  }

  @Test
  void hasTheSizeOfTorchvisionsResNets() {
    assertThat(backboneOf("resnet18", Stem.IMAGENET)).isEqualTo(11_689_512 - 513 * 1000);
    assertThat(backboneOf("resnet50", Stem.IMAGENET)).isEqualTo(25_557_032 - 2049 * 1000);
    assertThat(backboneOf("resnet18", Stem.CIFAR))
        .isEqualTo(backboneOf("resnet18", Stem.IMAGENET) - 64 * 3 * (49 - 9));
  }

  private static int backboneOf(String name, Stem stem) {
    return new ParameterLayout(Architecture.named(name, 32, 8, 0, stem, 64)).backboneSize();
  }

  @Test
  void putsRunningStatisticsBehindWhatIsTrained() {
    var resNet = new ParameterLayout(Architecture.named("resnet18", 32, 8, 64));
    for (Slice slice : resNet.slices()) {
      boolean statistic = slice.name().endsWith(".mean") || slice.name().endsWith(".variance");
      assertThat(slice.offset() >= resNet.trainedSize()).as(slice.name()).isEqualTo(statistic);
    }
    assertThat(resNet.size() - resNet.trainedSize()).isEqualTo(2 * 4_800);
    assertThat(layout.size()).isEqualTo(layout.trainedSize());
  }

  @Test
  void startsConvolutionsByTheirFanOut() {
    var resNet = new ParameterLayout(Architecture.named("resnet18", 32, 8, 64));
    Slice slice = resNet.slice("stage2.block0.conv1.weight");
    float[] weights = resNet.initialWeights(7);
    double sum = 0;
    for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
      sum += (double) weights[i] * weights[i];
    }
    assertThat(Math.sqrt(sum / slice.size())).isEqualTo(Math.sqrt(2.0 / (128 * 9)), within(0.001));
    assertThat(weights[resNet.slice("stem.mean").offset()]).isZero();
    assertThat(weights[resNet.slice("stem.variance").offset()]).isEqualTo(1);
  }

  @Test
  void startsLikeDino() {
    float[] weights = layout.initialWeights(7);
    assertThat(deviation(weights, "block2.qkv.weight")).isEqualTo(0.02, within(0.0005));
    assertThat(deviation(weights, "head.linear2.weight")).isEqualTo(0.02, within(0.0005));
    assertThat(deviation(weights, "pos")).isEqualTo(0.02, within(0.001));
    assertThat(deviation(weights, "patch.weight")).isEqualTo(1 / Math.sqrt(3 * 48), within(0.002));
    assertThat(part(weights, "block0.norm1.gamma")).containsOnly(1);
    assertThat(part(weights, "block0.norm1.beta")).containsOnly(0);
    assertThat(part(weights, "head.linear1.bias")).containsOnly(0);
  }

  @Test
  void startsEqualForEqualSeedsOnly() {
    assertThat(layout.initialWeights(7)).isEqualTo(layout.initialWeights(7));
    assertThat(layout.initialWeights(7)).isNotEqualTo(layout.initialWeights(8));
  }

  /** Pinned: a snapshot's version 0 must be the same network wherever it is rebuilt. */
  @Test
  void startsEqualOnEveryMachine() {
    float[] weights = layout.initialWeights(7);
    assertThat(Arrays.hashCode(weights)).isEqualTo(1_971_169_146);
  }

  @Test
  void namesTheParameterThatIsUnknown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layout.slice("block4.qkv.weight"))
        .withMessageContaining("block4.qkv.weight");
  }

  private double deviation(float[] weights, String name) {
    double sum = 0;
    for (float weight : part(weights, name)) {
      sum += (double) weight * weight;
    }
    return Math.sqrt(sum / layout.slice(name).size());
  }

  private float[] part(float[] weights, String name) {
    Slice slice = layout.slice(name);
    return Arrays.copyOfRange(weights, slice.offset(), slice.offset() + slice.size());
  }
}
