package stream.adasim.learner.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.PrototypeHead;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.objective.Objective;
import stream.adasim.learner.objective.ObjectiveState;
import stream.adasim.learner.safetensors.SafetensorsWriter;
import stream.adasim.learner.weights.TensorNames.TensorName;

/**
 * Writes a model as safetensors: the teacher's backbone as timm and torchvision name it, its head
 * as DINO does or as sequences {@code head.projector.} and {@code head.predictor.}, and, where
 * asked, the student ({@code student.}; where there is no teacher it is the model itself), AdamW's
 * moments ({@code optimizer.exp_avg.}, {@code optimizer.exp_avg_sq.}) and DINO's centre or NNCLR's
 * queue.
 *
 * <p>With registers the cls token's position is added to the token itself and the position
 * embedding is left with the patches' rows, because that is how timm holds such networks ({@code
 * no_embed_class}); moments, which don't add up, keep all rows.
 */
public final class WeightsExport {
  private final Architecture architecture;
  private final ParameterLayout layout;
  private final SafetensorsWriter out = new SafetensorsWriter();

  private WeightsExport(Architecture architecture) {
    this.architecture = architecture;
    this.layout = new ParameterLayout(architecture);
  }

  /**
   * Writes a file, in place of one that is there.
   *
   * @param head whether the projection head goes with it
   * @param optimiser whether student, moments and centre do
   * @throws IllegalArgumentException if the optimiser is asked for and the model has none
   */
  public static void write(Path file, Model model, boolean head, boolean optimiser)
      throws IOException {
    var export = new WeightsExport(model.architecture());
    export.network("", model.teacher(), head);
    if (optimiser) {
      ObjectiveState training = model.training();
      if (training == null) {
        throw new IllegalArgumentException(
            "a snapshot holds no optimiser; export from a checkpoint, or without it");
      }
      export.training(training);
    }
    export.out.write(file, model.describe());
  }

  private void network(String prefix, float[] weights, boolean head) {
    for (Slice slice : layout.slices()) {
      if (head || !slice.name().startsWith("head.")) {
        add(prefix, slice, weights);
      }
    }
    if (head && architecture.head() instanceof PrototypeHead prototypeHead) {
      float[] ones = new float[prototypeHead.prototypes()];
      Arrays.fill(ones, 1);
      out.add(prefix + TensorNames.LAST_GAIN, List.of(ones.length, 1), ones);
    }
  }

  private void add(String prefix, Slice slice, float[] weights) {
    TensorName name = TensorNames.of(slice, architecture.backbone());
    float[] part = part(slice, weights);
    if (!(architecture.backbone() instanceof VitShape vit) || vit.registers() == 0) {
      out.add(prefix + name.name(), name.shape(), part);
      return;
    }
    switch (name.name()) {
      case TensorNames.CLS -> {
        int pos = layout.slice("pos").offset();
        for (int c = 0; c < part.length; c++) {
          part[c] += weights[pos + c];
        }
        out.add(prefix + name.name(), name.shape(), part);
      }
      case TensorNames.POSITIONS ->
          out.add(
              prefix + name.name(),
              List.of(1, vit.patches(), vit.dim()),
              Arrays.copyOfRange(part, vit.dim(), part.length));
      default -> out.add(prefix + name.name(), name.shape(), part);
    }
  }

  private void training(ObjectiveState training) {
    Objective objective = training.objective();
    if (objective.hasTeacher()) {
      network("student.", training.student(), true);
    }
    for (Slice slice : layout.trainedSlices()) {
      TensorName name = TensorNames.of(slice, architecture.backbone());
      out.add("optimizer.exp_avg." + name.name(), name.shape(), part(slice, training.m()));
      out.add("optimizer.exp_avg_sq." + name.name(), name.shape(), part(slice, training.v()));
    }
    float[] own = training.own();
    switch (objective) {
      case DINO -> out.add("center", List.of(1, own.length), own);
      case NNCLR -> {
        int width = architecture.mlpHead().output();
        out.add("queue", List.of(own.length / width, width), own);
      }
      case BYOL, SIMSIAM, MOCOV3, MOCOV3_NO_NEGATIVES, SIMCLR -> {}
    }
  }

  private static float[] part(Slice slice, float[] weights) {
    return Arrays.copyOfRange(weights, slice.offset(), slice.offset() + slice.size());
  }
}
