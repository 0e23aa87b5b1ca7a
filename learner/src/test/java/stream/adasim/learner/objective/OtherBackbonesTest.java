package stream.adasim.learner.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.FeatureNetwork;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.network.VitShape;

/** Self-distillation of residual networks, and of transformers with registers and drop path. */
class OtherBackbonesTest {
  private static final long SEED = 6;
  private static final int BATCH = 8;

  /** What Arrays.mismatch answers for arrays that differ nowhere. */
  private static final int SAME = -1;

  private final Architecture resNet =
      new Architecture(new ResNetShape(8, Stem.CIFAR, Block.BASIC, List.of(1, 1), 8), 32, 16, 32);
  private final Architecture vit = new Architecture(new VitShape(8, 4, 16, 3, 2, 4, 2), 32, 16, 32);
  private final Kernels kernels = Backends.open("onednn", 2);

  @AfterEach
  void close() {
    kernels.close();
  }

  @Test
  void goOnAfterARestoreAsIfNothingHadHappened() throws IOException {
    for (Architecture architecture : List.of(resNet, vit)) {
      double dropPath = architecture.equals(vit) ? 0.5 : 0;
      try (var whole = start(architecture, dropPath, SEED);
          var before = start(architecture, dropPath, SEED);
          var after = start(architecture, dropPath, SEED)) {
        run(whole, new Random(3), 6);
        var random = new Random(3);
        run(before, random, 4);
        byte[] state = save(before);
        after.restore(new DataInputStream(new ByteArrayInputStream(state)));
        run(after, random, 2);
        assertThat(Arrays.mismatch(save(after), save(whole))).isEqualTo(SAME);
      }
    }
  }

  @Test
  void aSnapshotEmbedsLikeTheTeacherItself() {
    try (var distillation = start(resNet, 0, SEED)) {
      run(distillation, new Random(3), 3);
      var network = new FeatureNetwork(kernels, resNet);
      network.load(distillation.teacherWeights());
      float[] images = images(new Random(4), 9);
      assertThat(network.features(images, 9)).isEqualTo(distillation.features(images, 9));
    }
  }

  @Test
  void teacherAndStudentKeepStatisticsOfTheirOwn() {
    var layout = new ParameterLayout(resNet);
    try (var distillation = start(resNet, 0, SEED)) {
      run(distillation, new Random(3), 3);
      float[] student = distillation.studentWeights();
      float[] teacher = distillation.teacherWeights();
      float[] initial = layout.initialWeights(SEED);
      for (Slice slice : layout.slices()) {
        if (slice.offset() >= layout.trainedSize()) {
          int to = slice.offset() + slice.size();
          float[] first = Arrays.copyOfRange(initial, slice.offset(), to);
          float[] students = Arrays.copyOfRange(student, slice.offset(), to);
          float[] teachers = Arrays.copyOfRange(teacher, slice.offset(), to);
          assertThat(students).as(slice.name()).isNotEqualTo(first);
          assertThat(teachers).as(slice.name()).isNotEqualTo(first);
          // The first convolution's moved the same way until the student's weights moved away.
          assertThat(teachers).as(slice.name()).isNotEqualTo(students);
        }
      }
    }
  }

  @Test
  void droppedPathsChangeTheStudentAndNotTheTeachersFeatures() {
    try (var with = start(vit, 0.5, SEED);
        var without = start(vit, 0, SEED);
        var again = start(vit, 0.5, SEED)) {
      StepResult one = run(with, new Random(3), 1);
      StepResult other = run(without, new Random(3), 1);
      run(again, new Random(3), 1);
      assertThat(one.loss()).isNotEqualTo(other.loss());
      assertThat(one.firstFeatures()).isEqualTo(other.firstFeatures());
      assertThat(again.studentWeights()).isEqualTo(with.studentWeights());
    }
  }

  @Test
  void localViewsTeachTheStudentOfEitherBackbone() {
    for (Architecture architecture : List.of(vit, resNet)) {
      var settings =
          ObjectiveSettings.of(Schedules.stream(1e-3, 0, 1)).withLocalViews(new LocalViews(2, 4));
      try (var with = new SelfSupervision(kernels, architecture, settings, BATCH, SEED);
          var without = start(architecture, 0, SEED)) {
        Random random = new Random(3);
        float[] first = images(random, BATCH);
        float[] second = images(random, BATCH);
        float[] local = Arrays.copyOf(images(random, BATCH), 2 * BATCH * 3 * 4 * 4);
        StepResult one = with.step(first, second, local);
        StepResult other = without.step(first, second);
        assertThat(one.loss()).isNotEqualTo(other.loss());
        assertThat(one.firstFeatures()).isEqualTo(other.firstFeatures());
        assertThat(with.studentWeights()).isNotEqualTo(without.studentWeights());
        assertThatIllegalArgumentException()
            .isThrownBy(() -> with.step(first, second))
            .withMessage(
                "localViews has 0 floats; %d images of 3 x 4 x 4 have %d"
                    .formatted(2 * BATCH, 2 * BATCH * 3 * 4 * 4));
      }
    }
  }

  private SelfSupervision start(Architecture architecture, double dropPath, long seed) {
    var settings = ObjectiveSettings.of(Schedules.stream(1e-3, 0, 1)).withDropPath(dropPath);
    return new SelfSupervision(kernels, architecture, settings, BATCH, seed);
  }

  private static StepResult run(SelfSupervision distillation, Random random, int steps) {
    StepResult result = distillation.step(images(random, BATCH), images(random, BATCH));
    return steps == 1 ? result : run(distillation, random, steps - 1);
  }

  private static float[] images(Random random, int n) {
    float[] images = new float[n * 3 * 8 * 8];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    return images;
  }

  private static byte[] save(SelfSupervision distillation) throws IOException {
    var bytes = new ByteArrayOutputStream();
    distillation.save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }
}
