package stream.adasim.indexer.memory;

import java.util.BitSet;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * A short form of every vector of a block: its coordinates in the few directions that hold most of
 * all vectors, and how much of it lies outside of them. By Cauchy and Schwarz the product of two
 * outlines, coordinates times coordinates plus rest times rest, is nowhere below the product of the
 * vectors; {@link #slack} covers the rounding.
 *
 * <p>With P directions as rows of B, whose rounding makes {@code B B' = I + E}, the coordinates c
 * of a vector x of unit length and the rest {@code r = x - B' c}: {@code x y = c d + c E d + (B' c)
 * s + r (B' d) + r s}, where d and s are y's. B r is what rounding left in c, at most {@code
 * sqrt(P) D u}, and |E|; u = 2^-24.
 */
final class Outlines {
  /** Vectors that are outlined at once: by one thread between searches, by all where many are. */
  private static final int FEW = 64;

  private static final int MANY = 1024;

  private static final double UNIT = 0x1p-24;
  private static final double LENGTH = 1.002; // vectors are of unit length within a thousandth

  private final Kernels kernels;
  private final int dimension;
  private final int directions; // P
  private final Tensor basis; // (P, D)
  private final Tensor rows; // (rows, P + 1)
  private final float slack;
  private final float restRounding;
  private final double lengthRounding;
  private final Tensor chunk; // (MANY, D)
  private final Tensor coordinates; // (MANY, P)
  private final Tensor inside; // (MANY, D)
  private final Tensor rests; // (MANY)
  private final float[] vector; // (D)
  private final float[] pending; // (MANY, P)
  private final float[] pendingRests; // (MANY)
  private final float[] outline; // (P + 1)
  private final BitSet changed = new BitSet();

  /**
   * @param directions orthonormal up to rounding, (P, D) by rows
   * @param rows of the block, all of them to be outlined
   */
  Outlines(Kernels kernels, float[] directions, int dimension, int rows) {
    this.kernels = kernels;
    this.dimension = dimension;
    this.directions = directions.length / dimension;
    int p = this.directions;
    this.basis = kernels.allocate(p, dimension);
    basis.write(directions);
    this.rows = kernels.allocate(rows, p + 1);
    this.chunk = kernels.allocate(MANY, dimension);
    this.coordinates = kernels.allocate(MANY, p);
    this.inside = kernels.allocate(MANY, dimension);
    this.rests = kernels.allocate(MANY);
    this.vector = new float[dimension];
    this.pending = new float[MANY * p];
    this.pendingRests = new float[MANY];
    this.outline = new float[p + 1];
    double skew = skew(directions, dimension);
    double left = Math.sqrt(p) * dimension * UNIT * LENGTH + skew;
    this.slack = (float) ((2 * left + skew + 2 * (p + 1) * UNIT) * LENGTH * LENGTH);
    this.restRounding = (float) (p * Math.sqrt(p) * UNIT * LENGTH + 2 * UNIT);
    this.lengthRounding = 1 + 2 * dimension * UNIT;
    changed.set(0, rows);
  }

  /** Frobenius norm of {@code B B' - I}. */
  private static double skew(float[] basis, int d) {
    double squares = 0;
    int p = basis.length / d;
    for (int a = 0; a < p; a++) {
      for (int b = 0; b <= a; b++) {
        double sum = a == b ? -1 : 0;
        for (int c = 0; c < d; c++) {
          sum += (double) basis[a * d + c] * basis[b * d + c];
        }
        squares += (a == b ? 1 : 2) * sum * sum;
      }
    }
    return Math.sqrt(squares);
  }

  /** How far below a product of vectors that of their outlines may be. */
  float slack() {
    return slack;
  }

  /** Length of an outline as a share of a vector's. */
  double share() {
    return (directions + 1.0) / dimension;
  }

  /** All outlines, (rows, P + 1). */
  Tensor rows() {
    return rows;
  }

  /** A row was written: its outline is no longer true. */
  void changed(int row) {
    changed.set(row);
  }

  /** Makes the outlines of the first rows true. */
  void update(Tensor vectors, int count) {
    int[] wanted = new int[MANY];
    int row = changed.nextSetBit(0);
    while (row >= 0 && row < count) {
      int n = 0;
      for (; n < MANY && row >= 0 && row < count; row = changed.nextSetBit(row + 1)) {
        wanted[n] = row;
        changed.clear(row);
        vectors.read((long) row * dimension, vector, 0, dimension);
        chunk.write((long) n++ * dimension, vector, 0, dimension);
      }
      project(n);
      for (int i = 0; i < n; i++) {
        write(i, rows, wanted[i]);
      }
    }
  }

  /**
   * Outlines of queries, (Q, P + 1); Q up to 64.
   *
   * @param caution share of their rests that is counted, 0 to 1: with 1 products of outlines are
   *     bounds, with less estimates, as the rests of two vectors seldom point the same way
   */
  Tensor of(Tensor queries, float caution) {
    int q = queries.rows();
    kernels.copy(queries, chunk.view(0, q, dimension));
    project(q);
    Tensor outlines = kernels.allocate(q, directions + 1);
    for (int i = 0; i < q; i++) {
      pendingRests[i] *= caution;
      write(i, outlines, i);
    }
    return outlines;
  }

  /** Coordinates and rests of the chunk's first vectors. */
  private void project(int count) {
    if (count > FEW) {
      projectAll(MANY);
    } else {
      // For so few, other threads would take longer to wake than to work.
      kernels.run(1, task -> projectAll(FEW));
    }
    coordinates.read(0, pending, 0, count * directions);
    rests.read(0, pendingRests, 0, count);
  }

  private void projectAll(int n) {
    Tensor x = chunk.view(0, n, dimension);
    Tensor c = coordinates.view(0, n, directions);
    Tensor r = inside.view(0, n, dimension);
    kernels.linear(x, basis, null, null, c); // c = B x
    kernels.linearBackwardInput(c, basis, r, false); // B' c
    kernels.axpy(-1, r, x);
    kernels.normalizeRows(x, Float.MIN_NORMAL, r, rests.view(0, n));
  }

  private void write(int from, Tensor target, int row) {
    System.arraycopy(pending, from * directions, outline, 0, directions);
    outline[directions] = Math.nextUp((float) (pendingRests[from] * lengthRounding) + restRounding);
    target.write((long) row * outline.length, outline, 0, outline.length);
  }
}
