package stream.adasim.learner.network;

import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * The position embedding as a pass reads it: as it is, or for smaller images interpolated, which is
 * linear, so that its backward is the transposed product. Not thread-safe.
 */
final class Positions {
  private final Kernels kernels;
  private final @Nullable Tensor matrix; // (1 + P', 1 + P), the class token's by itself
  private final @Nullable Tensor here; // (1 + P', D)
  private final @Nullable Tensor gradient; // (1 + P', D)

  /**
   * @param whole what the weights are for
   * @param side of the images, at most as large
   */
  Positions(Kernels kernels, VitShape whole, int side) {
    this.kernels = kernels;
    if (side == whole.imageSize()) {
      matrix = here = gradient = null;
      return;
    }
    int from = whole.imageSize() / whole.patchSize();
    int to = side / whole.patchSize();
    int rows = 1 + to * to;
    int columns = 1 + from * from;
    double[] patches = Bicubic.matrix(from, to);
    float[] all = new float[rows * columns];
    all[0] = 1;
    for (int r = 1; r < rows; r++) {
      for (int c = 1; c < columns; c++) {
        all[r * columns + c] = (float) patches[(r - 1) * (columns - 1) + c - 1];
      }
    }
    matrix = kernels.allocate(rows, columns);
    matrix.write(all);
    here = kernels.allocate(rows, whole.dim());
    gradient = kernels.allocate(rows, whole.dim());
  }

  /** The positions of these images, (1 + P', D); holds until the next call. */
  Tensor forward(Tensor pos) {
    if (matrix == null || here == null) {
      return pos;
    }
    kernels.linearBackwardInput(matrix, pos, here, false);
    return here;
  }

  /** Where the gradient of these images' positions is to be added; whole is where it belongs. */
  Tensor gradient(Tensor whole) {
    if (gradient == null) {
      return whole;
    }
    kernels.fill(gradient, 0);
    return gradient;
  }

  /** Adds the gradient that was collected to where it belongs. */
  void backward(Tensor whole) {
    if (matrix != null && gradient != null) {
      kernels.linearBackwardWeight(gradient, matrix, whole, null);
    }
  }
}
