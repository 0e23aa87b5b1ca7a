package stream.adasim.compute.onednn;

import java.util.Random;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/** Tensors of normal numbers, the same for all kernels. */
final class Normal {
  private Normal() {}

  static Tensor tensor(Kernels by, long seed, int... shape) {
    Tensor tensor = by.allocate(shape);
    float[] values = new float[Math.toIntExact(tensor.size())];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    tensor.write(values);
    return tensor;
  }
}
