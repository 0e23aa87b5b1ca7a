package stream.adasim.learner.network;

import java.util.Arrays;
import stream.adasim.compute.ElementType;
import stream.adasim.compute.Tensor;

/** A tensor in double precision, whatever it says of its type. */
final class Doubles extends Tensor {
  private final double[] data;
  private final int start;

  Doubles(double[] data, int start, int... shape) {
    super(ElementType.FLOAT32, shape);
    this.data = data;
    this.start = start;
  }

  static Doubles zeros(int... shape) {
    return new Doubles(new double[Arrays.stream(shape).reduce(1, Math::multiplyExact)], 0, shape);
  }

  double get(int i) {
    return data[start + i];
  }

  void set(int i, double value) {
    data[start + i] = value;
  }

  void add(int i, double value) {
    data[start + i] += value;
  }

  /** All elements without rounding, a copy. */
  double[] all() {
    return Arrays.copyOfRange(data, start, start + (int) size());
  }

  @Override
  public Tensor view(long offset, int... shape) {
    var view = new Doubles(data, Math.toIntExact(start + offset), shape);
    if (offset < 0 || offset + view.size() > size()) {
      throw new IndexOutOfBoundsException(offset + " " + view + " of " + this);
    }
    return view;
  }

  @Override
  public void write(long offset, float[] source, int sourceOffset, int length) {
    for (int i = 0; i < length; i++) {
      set((int) offset + i, source[sourceOffset + i]);
    }
  }

  @Override
  public void read(long offset, float[] target, int targetOffset, int length) {
    for (int i = 0; i < length; i++) {
      target[targetOffset + i] = (float) get((int) offset + i);
    }
  }
}
