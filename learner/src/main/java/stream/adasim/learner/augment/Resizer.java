package stream.adasim.learner.augment;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import stream.adasim.learner.decode.RgbImage;

/**
 * Resizes a part of an image to a square, antialiased, into planes of floats in [0, 1]. The
 * vertical filter comes first: it runs along whole rows, which the compiler turns into vector code.
 */
final class Resizer {
  private static final VectorSpecies<Float> PIXEL = FloatVector.SPECIES_128;

  private final int size;
  private final Axis across;
  private final Axis down;
  private float[] row = {};
  private float[] rows = {}; // (size, width * 3): filtered vertically, still interleaved

  Resizer(int size) {
    this.size = size;
    across = new Axis(size);
    down = new Axis(size);
  }

  /** Resizes a crop, as if there were nothing around it; mirrors it left to right on demand. */
  void crop(RgbImage image, Crop crop, boolean flip, float[] out, int offset) {
    across.set(crop.width(), size, 0);
    down.set(crop.height(), size, 0);
    resize(image, crop.left(), crop.top(), flip, out, offset);
  }

  /** Resizes the short side to size and keeps the centre: torchvision's Resize and CenterCrop. */
  void centre(RgbImage image, float[] out, int offset) {
    int shortSide = Math.min(image.width(), image.height());
    centre(across, image.width(), shortSide);
    centre(down, image.height(), shortSide);
    resize(image, 0, 0, false, out, offset);
  }

  private void centre(Axis axis, int length, int shortSide) {
    int scaled = Math.toIntExact((long) size * length / shortSide);
    axis.set(length, scaled, (int) Math.rint((scaled - size) / 2.0));
  }

  private void resize(RgbImage image, int left, int top, boolean flip, float[] out, int offset) {
    int firstColumn = across.first[0];
    int width = across.first[size - 1] + across.taps[size - 1] - firstColumn;
    filterDown(image, left + firstColumn, top, width);
    for (int y = 0; y < size; y++) {
      filterAcross(y * width * 3, firstColumn, flip, out, offset + y * size);
    }
  }

  private void filterDown(RgbImage image, int left, int top, int width) {
    int length = 3 * width;
    if (row.length < length) {
      row = new float[length];
      rows = new float[Math.addExact(Math.multiplyExact(length, size), 1)];
    }
    Arrays.fill(rows, 0, length * size, 0);
    int first = down.first[0];
    int end = down.first[size - 1] + down.taps[size - 1];
    int outFrom = 0;
    for (int y = first; y < end; y++) {
      int from = 3 * ((top + y) * image.width() + left);
      load(image.pixels(), from, row, length);
      while (down.first[outFrom] + down.taps[outFrom] <= y) {
        outFrom++;
      }
      for (int o = outFrom; o < size && down.first[o] <= y; o++) {
        add(down.weights[o * down.stride + y - down.first[o]], row, rows, o * length, length);
      }
    }
  }

  private static void load(byte[] pixels, int from, float[] row, int length) {
    for (int i = 0; i < length; i++) {
      row[i] = (pixels[from + i] & 0xFF) * (1 / 255f);
    }
  }

  private static void add(float weight, float[] row, float[] rows, int at, int length) {
    for (int i = 0; i < length; i++) {
      rows[at + i] += weight * row[i];
    }
  }

  // Red, green and blue of a source pixel lie side by side: one vector takes all three, and the
  // next pixel's red, which is not looked at (AugmentBench.pair).
  private void filterAcross(int at, int firstColumn, boolean flip, float[] out, int offset) {
    int plane = size * size;
    for (int x = 0; x < size; x++) {
      int from = at + 3 * (across.first[x] - firstColumn);
      int weight = x * across.stride;
      int taps = across.taps[x];
      FloatVector sum = FloatVector.zero(PIXEL);
      for (int t = 0; t < taps; t++) {
        FloatVector pixel = FloatVector.fromArray(PIXEL, rows, from);
        sum = pixel.fma(FloatVector.broadcast(PIXEL, across.weights[weight + t]), sum);
        from += 3;
      }
      sum = sum.max(0).min(1); // the filter overshoots at edges
      int to = offset + (flip ? size - 1 - x : x);
      out[to] = sum.lane(0);
      out[to + plane] = sum.lane(1);
      out[to + 2 * plane] = sum.lane(2);
    }
  }
}
