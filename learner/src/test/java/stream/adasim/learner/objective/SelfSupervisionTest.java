package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.objective.Schedule.Constant;

class SelfSupervisionTest {
  private static final long SEED = 5;
  private static final int BATCH = 16;

  /** What Arrays.mismatch answers for arrays that differ nowhere. */
  private static final int SAME = -1;

  private final Architecture architecture =
      new Architecture(new VitShape(8, 4, 16, 2, 2, 4, 0), 32, 16, 32);
  private final Kernels kernels = Backends.open("nd4j", 1);

  @AfterEach
  void close() {
    kernels.close();
  }

  @Test
  void startsFromTheSeedsUntrainedNetwork() {
    try (var distillation = start(SEED, 0)) {
      float[] expected = FeatureNetwork.initialWeights(architecture, SEED);
      assertThat(Arrays.mismatch(distillation.teacherWeights(), expected)).isEqualTo(SAME);
      assertThat(Arrays.mismatch(distillation.studentWeights(), expected)).isEqualTo(SAME);
      assertThat(distillation.step()).isZero();
    }
  }

  @Test
  void equalSeedsGiveEqualWeightsBitForBit() {
    try (var one = start(SEED, 2);
        var other = start(SEED, 2);
        var third = start(SEED + 1, 2)) {
      run(one, new Stream(3), 10);
      run(other, new Stream(3), 10);
      run(third, new Stream(3), 10);
      assertThat(one.step()).isEqualTo(10);
      assertThat(Arrays.mismatch(other.teacherWeights(), one.teacherWeights())).isEqualTo(SAME);
      assertThat(Arrays.mismatch(other.studentWeights(), one.studentWeights())).isEqualTo(SAME);
      assertThat(third.teacherWeights()).isNotEqualTo(one.teacherWeights());
    }
  }

  @Test
  void goesOnAfterARestoreAsIfNothingHadHappened() throws IOException {
    try (var whole = start(SEED, 3);
        var before = start(SEED, 3);
        var after = start(SEED + 1, 3)) {
      run(whole, new Stream(3), 15);
      var stream = new Stream(3);
      run(before, stream, 10);
      restore(after, save(before));
      assertThat(after.step()).isEqualTo(10);
      StepResult last = run(after, stream, 5);
      assertThat(last.step()).isEqualTo(14);
      assertThat(Arrays.mismatch(after.studentWeights(), whole.studentWeights())).isEqualTo(SAME);
      assertThat(Arrays.mismatch(after.teacherWeights(), whole.teacherWeights())).isEqualTo(SAME);
      assertThat(Arrays.mismatch(after.firstMoments(), whole.firstMoments())).isEqualTo(SAME);
      assertThat(Arrays.mismatch(after.objectiveState(), whole.objectiveState())).isEqualTo(SAME);
      assertThat(Arrays.mismatch(save(after), save(whole))).isEqualTo(SAME);
    }
  }

  @Test
  void namesTheParameterThatAnotherArchitectureHasOtherwise() throws IOException {
    var wider = new Architecture(new VitShape(8, 4, 16, 2, 2, 4, 0), 48, 16, 32);
    try (var distillation = start(SEED, 0);
        var other = new SelfSupervision(kernels, wider, settings(0), BATCH, SEED)) {
      byte[] state = save(distillation);
      assertThatIOException()
          .isThrownBy(() -> restore(other, state))
          .withMessageContaining("head.linear1.weight")
          .withMessageContaining("[32, 16]")
          .withMessageContaining("[48, 16]");
      assertThat(
              Arrays.mismatch(other.teacherWeights(), FeatureNetwork.initialWeights(wider, SEED)))
          .isEqualTo(SAME);
    }
  }

  @Test
  void lastLayerStandsStillWhileFrozen() {
    try (var distillation = start(SEED, 3)) {
      float[] initial = distillation.studentWeights();
      int last = new ParameterLayout(architecture).lastLayer().size();
      var stream = new Stream(3);
      run(distillation, stream, 3);
      float[] frozen = distillation.studentWeights();
      assertThat(Arrays.copyOf(frozen, last)).isEqualTo(Arrays.copyOf(initial, last));
      assertThat(frozen).isNotEqualTo(initial);
      run(distillation, stream, 1);
      assertThat(Arrays.copyOf(distillation.studentWeights(), last))
          .isNotEqualTo(Arrays.copyOf(initial, last));
    }
  }

  @Test
  void featuresHaveLengthOneAndAreTheSnapshotsToo() {
    try (var distillation = start(SEED, 0)) {
      var stream = new Stream(9);
      run(distillation, stream, 3);
      var network = new FeatureNetwork(kernels, architecture);
      network.load(distillation.teacherWeights());
      int n = 2 * BATCH + 3;
      float[] images = new float[n * architecture.pixels()];
      for (int i = 0; i < n; i++) {
        stream.view(i % 4, images, i * architecture.pixels());
      }
      float[] features = distillation.features(images, n);
      assertThat(features).hasSize(n * 16);
      assertThat(Arrays.mismatch(features, network.features(images, n))).isEqualTo(SAME);
      for (int i = 0; i < n; i++) {
        double squares = 0;
        for (int c = 0; c < 16; c++) {
          squares += (double) features[i * 16 + c] * features[i * 16 + c];
        }
        assertThat(squares).isEqualTo(1, within(1e-5));
      }
      assertThat(distillation.features(new float[0], 0)).isEmpty();
    }
  }

  @Test
  void firstFeaturesAreTheTeachersBeforeTheStep() {
    try (var distillation = start(SEED, 0)) {
      var stream = new Stream(9);
      run(distillation, stream, 2);
      float[][] pair = stream.pair();
      float[] before = distillation.features(pair[0], BATCH);
      StepResult result = distillation.step(pair[0], pair[1]);
      assertThat(Arrays.mismatch(result.firstFeatures(), before)).isEqualTo(SAME);
      assertThat(distillation.features(pair[0], BATCH)).isNotEqualTo(before);
    }
  }

  @Test
  void learnsToTellFourColoursApart() {
    // DINO's small weights make a narrow network blind at first: this one is wide enough to see.
    var wide = new Architecture(new VitShape(8, 4, 64, 2, 4, 2, 0), 128, 32, 32);
    try (var distillation = new SelfSupervision(kernels, wide, settings(10), BATCH, SEED)) {
      var stream = new Stream(11);
      StepResult first = run(distillation, stream, 1);
      StepResult last = run(distillation, stream, 80);
      assertThat(first.teacherEntropy()).isGreaterThan(1);
      assertThat(last.loss()).isLessThan(0.1 * first.loss());
      assertThat(last.teacherEntropy()).isLessThan(0.1);
      // Each image is sure of its prototype, and the batch uses as many as there are colours.
      assertThat(last.batchEntropy()).isBetween(Math.log(3), Math.log(4) + 0.1);
    }
  }

  @Test
  void stopsLoudlyWhenThereIsNoNumber() {
    try (var distillation = start(SEED, 0)) {
      float[][] pair = new Stream(1).pair();
      pair[1][17] = Float.NaN;
      float[] before = distillation.studentWeights();
      assertThatIllegalStateException()
          .isThrownBy(() -> distillation.step(pair[0], pair[1]))
          .withMessageContaining("step=0")
          .withMessageContaining("loss=NaN");
      assertThat(Arrays.mismatch(distillation.studentWeights(), before)).isEqualTo(SAME);
      assertThat(distillation.objectiveState()).containsOnly(0);
    }
  }

  @Test
  void refusesViewsOfAnotherSizeAndUseAfterClose() {
    var distillation = start(SEED, 0);
    float[][] pair = new Stream(1).pair();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distillation.step(new float[5], pair[1]))
        .withMessageContaining("firstViews has 5 floats");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> distillation.features(new float[5], 1))
        .withMessageContaining("found 5 floats for 1 images");
    distillation.close();
    assertThatIllegalStateException().isThrownBy(() -> distillation.step(pair[0], pair[1]));
  }

  private SelfSupervision start(long seed, long frozenSteps) {
    return new SelfSupervision(kernels, architecture, settings(frozenSteps), BATCH, seed);
  }

  private static ObjectiveSettings settings(long frozenSteps) {
    return ObjectiveSettings.of(
        Schedules.stream(1e-3, 10, frozenSteps).withMomentum(new Constant(0.98)));
  }

  private static StepResult run(SelfSupervision distillation, Stream stream, int steps) {
    StepResult result = null;
    for (int i = 0; i < steps; i++) {
      float[][] pair = stream.pair();
      result = distillation.step(pair[0], pair[1]);
    }
    if (result == null) {
      throw new IllegalArgumentException("steps=" + steps);
    }
    return result;
  }

  private static byte[] save(SelfSupervision distillation) throws IOException {
    var bytes = new ByteArrayOutputStream();
    distillation.save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static void restore(SelfSupervision distillation, byte[] state) throws IOException {
    distillation.restore(new DataInputStream(new ByteArrayInputStream(state)));
  }

  /** Noisy images of four colours; the views of a pair share the colour. */
  private final class Stream {
    private static final float[][] COLOURS = {{2, -1, -1}, {-1, 2, -1}, {-1, -1, 2}, {2, 2, 2}};
    private final Random random;

    Stream(long seed) {
      random = new Random(seed);
    }

    float[][] pair() {
      float[][] pair = new float[2][BATCH * architecture.pixels()];
      for (int i = 0; i < BATCH; i++) {
        int colour = random.nextInt(4);
        view(colour, pair[0], i * architecture.pixels());
        view(colour, pair[1], i * architecture.pixels());
      }
      return pair;
    }

    void view(int colour, float[] target, int offset) {
      int plane = architecture.imageSize() * architecture.imageSize();
      for (int i = 0; i < architecture.pixels(); i++) {
        target[offset + i] = (float) (COLOURS[colour][i / plane] + 0.3 * random.nextGaussian());
      }
    }
  }
}
