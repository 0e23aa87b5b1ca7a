package stream.adasim.learner.objective;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.Chunks;
import stream.adasim.learner.network.Parameters;
import stream.adasim.learner.network.Pass;

/**
 * A contiguous part of a step's pairs, taken by one worker from pixels to features and, once the
 * loss of the whole batch is known, from the features' gradients to those of the weights. Between
 * the two it keeps the activations of both views.
 */
final class SiameseLane {
  private final Kernels kernels;
  private final Architecture architecture;
  private final Share share;
  private final @Nullable Chunks teacher;
  private final Chunks[] student; // by view
  private final Parameters gradients;
  private final Tensor[] views; // 2 times (R, 3, S, S)

  /**
   * A lane's buffers.
   *
   * @param gradients where its gradients are added up; its own
   */
  SiameseLane(
      Kernels kernels,
      Architecture architecture,
      ObjectiveSettings settings,
      Share share,
      Parameters gradients) {
    int size = architecture.imageSize();
    int pairs = share.pairs();
    this.kernels = kernels;
    this.architecture = architecture;
    this.share = share;
    this.gradients = gradients;
    teacher =
        settings.objective().hasTeacher()
            ? Chunks.forInference(kernels, architecture, pairs)
            : null;
    student = new Chunks[2];
    views = new Tensor[2];
    for (int view = 0; view < 2; view++) {
      student[view] = Chunks.forTraining(kernels, architecture, pairs, settings.dropPath());
      views[view] = kernels.allocate(pairs, Architecture.CHANNELS, size, size);
    }
  }

  /**
   * Features of the lane's images.
   *
   * @param features of the whole batch, by view, (2 B, D): the lane's rows are written
   * @param targetFeatures likewise by the teacher; untouched where there is none
   */
  void forward(Networks networks, Method.Views input, Tensor features, Tensor targetFeatures) {
    int pixels = architecture.pixels();
    int first = share.first();
    views[0].write(0, input.first(), first * pixels, share.pairs() * pixels);
    views[1].write(0, input.second(), first * pixels, share.pairs() * pixels);
    kernels.fill(gradients.flat(), 0);
    for (int view = 0; view < 2; view++) {
      if (teacher != null) {
        Tensor target = own(targetFeatures, view); // (R, D)
        teacher.forward(networks.target(), views[view], target, new Pass.Teach());
      }
      var pass = new Pass.Learn(input.noise() + view, first);
      student[view].forward(networks.student(), views[view], own(features, view), pass);
    }
  }

  /** Gradients of the backbone, from those of the whole batch's features, by view, (2 B, D). */
  void backward(Networks networks, Tensor dFeatures) {
    for (int view = 0; view < 2; view++) {
      student[view].backward(networks.student(), own(dFeatures, view), gradients);
    }
  }

  private Tensor own(Tensor features, int view) {
    int dim = features.columns();
    long row = (long) view * features.rows() / 2 + share.first();
    return features.view(row * dim, share.pairs(), dim);
  }

  Parameters gradients() {
    return gradients;
  }
}
