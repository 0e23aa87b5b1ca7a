package stream.adasim.learner.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.StochasticDepth.Kept;

class StochasticDepthTest {
  private static final int IMAGES = 20_000;

  private final PlainKernels kernels = new PlainKernels();
  private final StochasticDepth depth = new StochasticDepth(0.3, 4);
  private final List<Kept> kept = depth.allocate(kernels, IMAGES);

  @Test
  void ratesGrowLinearlyFromTheFirstBlock() {
    assertThat(depth.rate(0)).isZero();
    assertThat(depth.rate(1)).isEqualTo(0.1, within(1e-12));
    assertThat(depth.rate(3)).isEqualTo(0.3);
    assertThat(new StochasticDepth(0.3, 1).rate(0)).isZero();
    assertThat(kept.getFirst()).isEqualTo(Kept.ALL);
  }

  @Test
  void leavesOutAsOftenAsItSaysAndKeepsTheMean() {
    depth.draw(new Pass.Learn(5, 0), kept);
    for (int block = 1; block < 4; block++) {
      for (float[] factors : both(block)) {
        double mean = 0;
        double out = 0;
        for (float factor : factors) {
          mean += factor / IMAGES;
          out += factor == 0 ? 1.0 / IMAGES : 0;
        }
        assertThat(out).as("block %s", block).isEqualTo(depth.rate(block), within(0.012));
        assertThat(mean).as("block %s", block).isEqualTo(1, within(0.02));
      }
    }
  }

  @Test
  void choosesEachBranchForItself() {
    depth.draw(new Pass.Learn(5, 0), kept);
    List<float[]> branches = both(3);
    int together = 0;
    for (int i = 0; i < IMAGES; i++) {
      together += branches.get(0)[i] == 0 && branches.get(1)[i] == 0 ? 1 : 0;
    }
    assertThat(together / (double) IMAGES).isEqualTo(0.09, within(0.01));
  }

  @Test
  void repeatsItselfForTheSameNoiseOnly() {
    depth.draw(new Pass.Learn(5, 0), kept);
    float[] first = both(2).getFirst();
    depth.draw(new Pass.Learn(6, 0), kept);
    assertThat(both(2).getFirst()).isNotEqualTo(first);
    depth.draw(new Pass.Learn(5, 0), kept);
    assertThat(both(2).getFirst()).isEqualTo(first);
  }

  @Test
  void aPartOfTheBatchGetsTheChoicesOfItsImages() {
    depth.draw(new Pass.Learn(5, 0), kept);
    float[] whole = both(3).getFirst();
    depth.draw(new Pass.Learn(5, 300), kept);
    assertThat(Arrays.copyOf(both(3).getFirst(), 1000))
        .isEqualTo(Arrays.copyOfRange(whole, 300, 1300));
  }

  @Test
  void leavesNothingOutForTeachersAndEmbeddings() {
    for (Pass pass : List.of(new Pass.Teach(), new Pass.Embed())) {
      depth.draw(pass, kept);
      assertThat(both(3).getFirst()).containsOnly(1);
    }
  }

  @Test
  void refusesARateThatLeavesNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StochasticDepth(1, 4))
        .withMessage("dropPath=1.0 must be within 0..1, below 1");
  }

  private List<float[]> both(int block) {
    return List.of(floats(kept.get(block).attention()), floats(kept.get(block).mlp()));
  }

  private static float[] floats(@Nullable Tensor factors) {
    return Objects.requireNonNull(factors).toArray();
  }
}
