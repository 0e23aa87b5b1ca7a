package stream.adasim.learner.decode;

import java.util.Arrays;

/**
 * From 8 x 8 DCT coefficients to samples: all of them, or a block of 4 x 4, 2 x 2 or 1, which is
 * the image at a fraction of its size, without the frequencies that this cannot hold.
 *
 * <p>The full transform is that of Loeffler, Ligtenberg and Moschytz (1989, "Practical fast 1-D DCT
 * algorithms with 11 multiplications"), in 13-bit fixed point with the rounding of libjpeg's exact
 * method, so that both give the same samples.
 */
final class InverseDct {
  private static final int BITS = 13;
  private static final int KEPT = 2; // bits of fraction between the two passes

  private static final int C0_298 = fixed(0.298631336);
  private static final int C0_390 = fixed(0.390180644);
  private static final int C0_541 = fixed(0.541196100);
  private static final int C0_765 = fixed(0.765366865);
  private static final int C0_899 = fixed(0.899976223);
  private static final int C1_175 = fixed(1.175875602);
  private static final int C1_501 = fixed(1.501321110);
  private static final int C1_847 = fixed(1.847759065);
  private static final int C1_961 = fixed(1.961570560);
  private static final int C2_053 = fixed(2.053119869);
  private static final int C2_562 = fixed(2.562915447);
  private static final int C3_072 = fixed(3.072711026);

  /** By side (1, 2, 4): side x side, what frequency k adds to sample n. */
  private static final float[][] BASES = {{}, basis(1), basis(2), {}, basis(4)};

  private final int[] work = new int[64];
  private final float[] rows = new float[16];

  private static int fixed(double value) {
    return (int) Math.round(value * (1 << BITS));
  }

  /**
   * The orthonormal DCT of length N has N / 8 times the coefficients that one of length 8 has for
   * the same samples: half of that per axis.
   */
  private static float[] basis(int side) {
    float[] basis = new float[side * side];
    for (int n = 0; n < side; n++) {
      for (int k = 0; k < side; k++) {
        double norm = Math.sqrt((k == 0 ? 1.0 : 2.0) / side) * Math.sqrt(side / 8.0);
        basis[n * side + k] = (float) (norm * Math.cos((2 * n + 1) * k * Math.PI / (2 * side)));
      }
    }
    return basis;
  }

  /**
   * Transforms one block.
   *
   * @param block coefficients, row by row
   * @param last place in zigzag order of the last one that isn't 0
   * @param side of the result: 8, 4, 2 or 1
   * @param out gets side rows, the first at {@code at}, each {@code stride} behind the one before
   */
  void apply(int[] block, int last, int side, byte[] out, int at, int stride) {
    if (last == 0) {
      byte level = sample(((block[0] + 4) >> 3) + 128);
      for (int y = 0; y < side; y++) {
        Arrays.fill(out, at + y * stride, at + y * stride + side, level);
      }
    } else if (side == 8) {
      for (int x = 0; x < 8; x++) {
        column(block, x);
      }
      for (int y = 0; y < 8; y++) {
        row(8 * y, out, at + y * stride);
      }
    } else {
      reduced(block, side, out, at, stride);
    }
  }

  private void column(int[] block, int x) {
    int x1 = block[8 + x];
    int x2 = block[16 + x];
    int x3 = block[24 + x];
    int x4 = block[32 + x];
    int x5 = block[40 + x];
    int x6 = block[48 + x];
    int x7 = block[56 + x];
    if ((x1 | x2 | x3 | x4 | x5 | x6 | x7) == 0) {
      int level = block[x] << KEPT;
      for (int y = 0; y < 64; y += 8) {
        work[y + x] = level;
      }
      return;
    }
    int z1 = (x2 + x6) * C0_541;
    int low = z1 - x6 * C1_847;
    int high = z1 + x2 * C0_765;
    int sum = ((block[x] + x4) << BITS) + (1 << (BITS - KEPT - 1));
    int difference = ((block[x] - x4) << BITS) + (1 << (BITS - KEPT - 1));
    int e0 = sum + high;
    int e3 = sum - high;
    int e1 = difference + low;
    int e2 = difference - low;

    int z5 = (x7 + x3 + x5 + x1) * C1_175;
    int z3 = z5 - (x7 + x3) * C1_961;
    int z4 = z5 - (x5 + x1) * C0_390;
    z1 = (x7 + x1) * C0_899;
    int z2 = (x5 + x3) * C2_562;
    int o0 = x7 * C0_298 - z1 + z3;
    int o1 = x5 * C2_053 - z2 + z4;
    int o2 = x3 * C3_072 - z2 + z3;
    int o3 = x1 * C1_501 - z1 + z4;

    work[x] = (e0 + o3) >> (BITS - KEPT);
    work[56 + x] = (e0 - o3) >> (BITS - KEPT);
    work[8 + x] = (e1 + o2) >> (BITS - KEPT);
    work[48 + x] = (e1 - o2) >> (BITS - KEPT);
    work[16 + x] = (e2 + o1) >> (BITS - KEPT);
    work[40 + x] = (e2 - o1) >> (BITS - KEPT);
    work[24 + x] = (e3 + o0) >> (BITS - KEPT);
    work[32 + x] = (e3 - o0) >> (BITS - KEPT);
  }

  private void row(int from, byte[] out, int at) {
    int shift = BITS + KEPT + 3;
    int x1 = work[from + 1];
    int x2 = work[from + 2];
    int x3 = work[from + 3];
    int x4 = work[from + 4];
    int x5 = work[from + 5];
    int x6 = work[from + 6];
    int x7 = work[from + 7];
    int z1 = (x2 + x6) * C0_541;
    int low = z1 - x6 * C1_847;
    int high = z1 + x2 * C0_765;
    int rounding = (1 << (shift - 1)) + (128 << shift);
    int sum = ((work[from] + x4) << BITS) + rounding;
    int difference = ((work[from] - x4) << BITS) + rounding;
    int e0 = sum + high;
    int e3 = sum - high;
    int e1 = difference + low;
    int e2 = difference - low;

    int z5 = (x7 + x3 + x5 + x1) * C1_175;
    int z3 = z5 - (x7 + x3) * C1_961;
    int z4 = z5 - (x5 + x1) * C0_390;
    z1 = (x7 + x1) * C0_899;
    int z2 = (x5 + x3) * C2_562;
    int o0 = x7 * C0_298 - z1 + z3;
    int o1 = x5 * C2_053 - z2 + z4;
    int o2 = x3 * C3_072 - z2 + z3;
    int o3 = x1 * C1_501 - z1 + z4;

    out[at] = sample((e0 + o3) >> shift);
    out[at + 7] = sample((e0 - o3) >> shift);
    out[at + 1] = sample((e1 + o2) >> shift);
    out[at + 6] = sample((e1 - o2) >> shift);
    out[at + 2] = sample((e2 + o1) >> shift);
    out[at + 5] = sample((e2 - o1) >> shift);
    out[at + 3] = sample((e3 + o0) >> shift);
    out[at + 4] = sample((e3 - o0) >> shift);
  }

  private void reduced(int[] block, int side, byte[] out, int at, int stride) {
    float[] basis = BASES[side];
    for (int v = 0; v < side; v++) { // frequencies across to samples
      for (int n = 0; n < side; n++) {
        float sum = 0;
        for (int k = 0; k < side; k++) {
          sum += basis[n * side + k] * block[8 * v + k];
        }
        rows[v * side + n] = sum;
      }
    }
    for (int m = 0; m < side; m++) {
      for (int n = 0; n < side; n++) {
        float sum = 128.5f;
        for (int v = 0; v < side; v++) {
          sum += basis[m * side + v] * rows[v * side + n];
        }
        out[at + m * stride + n] = sample((int) Math.floor(sum));
      }
    }
  }

  private static byte sample(int value) {
    return (byte) Math.min(Math.max(value, 0), 255);
  }
}
