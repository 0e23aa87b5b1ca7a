package stream.adasim.indexer.memory;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * The vectors of one model: the first {@code count} rows of one tensor, without holes, because the
 * search cannot skip rows. Not thread-safe; {@link Bank} guards it.
 */
final class Block {
  /** How many more rows than asked for a search ranks exactly, at first and at second try. */
  private static final int[] SPARES = {22, 118};

  /** Rows read at a time where all are ranked. */
  private static final int CHUNK = 256;

  private final Kernels kernels;
  private final long model;
  private final int dimension;
  private final float[] scratch; // (D)
  private final Tensor query; // (1, D)
  private Tensor vectors; // (rows, D)
  private @Nullable Slot[] slots;
  private int count;

  Block(Kernels kernels, long model, int rows, int dimension) {
    this.kernels = kernels;
    this.model = model;
    this.dimension = dimension;
    this.scratch = new float[dimension];
    this.query = kernels.allocate(1, dimension);
    this.vectors = kernels.allocate(rows, dimension);
    this.slots = new Slot[rows];
  }

  long model() {
    return model;
  }

  int dimension() {
    return dimension;
  }

  int count() {
    return count;
  }

  /** A copy of one row. */
  float[] vector(int row) {
    float[] vector = new float[dimension];
    vectors.read((long) row * dimension, vector, 0, dimension);
    return vector;
  }

  Slot add(String id, Memory memory) {
    if (count == slots.length) {
      grow();
    }
    Slot slot = new Slot(id, memory, this, count);
    write(count, memory.vector());
    slots[count++] = slot;
    return slot;
  }

  /** Puts another vector of the same image into the row it already has. */
  Slot replace(Slot old, Memory memory) {
    Slot slot = new Slot(old.id, memory, this, old.row);
    write(old.row, memory.vector());
    slots[old.row] = slot;
    return slot;
  }

  /** Frees a row; the last row moves into it. */
  void remove(Slot slot) {
    Slot last = slot(--count);
    slots[count] = null;
    if (last != slot) {
      vectors.read((long) last.row * dimension, scratch, 0, dimension);
      write(slot.row, scratch);
      last.row = slot.row;
      slots[last.row] = last;
    }
  }

  /**
   * The k nearest by cosine that the query accepts, exact, in the order {@link
   * Neighbour#NEAREST_FIRST}.
   *
   * <p>The kernel's products may differ in their last bits with the row that a vector lies in, and
   * equal products come by row. So a few more rows than k are taken and their products summed again
   * in the order of the columns, until the last of them is further from the k-th than rounding can
   * account for: the answer depends only on what is stored, not on where. Where even many more rows
   * don't separate, as with the vectors of a collapsed or an untrained model, or where most are
   * refused, all rows are summed so.
   */
  List<Neighbour> search(Query wanted, int k) {
    return search(wanted, k, 0, count);
  }

  /** As {@link #search(Query, int)} among {@code n} rows from {@code first} on. */
  List<Neighbour> search(Query wanted, int k, int first, int n) {
    if (n == 0) {
      return List.of();
    }
    query.write(wanted.vector());
    // To the end of what is allocated, so that the kernel meets few shapes.
    Tensor part =
        first == 0
            ? vectors
            : vectors.view((long) first * dimension, slots.length - first, dimension);
    // A product of unit vectors is off by D u at most, u = 2^-24, and what is published is rounded
    // once more; vectors are of unit length within a thousandth.
    float rounding = (dimension + 2) * 1.01f * 0x1p-24f;
    for (int spare : SPARES) {
      int taken = Math.min(n, k + spare);
      int[] rows = new int[taken];
      float[] scores = new float[taken];
      kernels.topK(query, part, n, taken, rows, scores);
      Nearest nearest = new Nearest(k, wanted.acceptance());
      for (int row : rows) {
        vectors.read((long) (first + row) * dimension, scratch, 0, dimension);
        nearest.offer(slot(first + row), product(wanted.vector(), scratch, 0));
      }
      if (taken == n || scores[taken - 1] + rounding < nearest.threshold()) {
        return nearest.list();
      }
    }
    return searchAllRows(wanted, k, first, n);
  }

  private List<Neighbour> searchAllRows(Query wanted, int k, int from, int n) {
    float[] chunk = new float[Math.min(n, CHUNK) * dimension];
    Nearest nearest = new Nearest(k, wanted.acceptance());
    for (int first = from; first < from + n; first += CHUNK) {
      int rows = Math.min(CHUNK, from + n - first);
      vectors.read((long) first * dimension, chunk, 0, rows * dimension);
      for (int i = 0; i < rows; i++) {
        nearest.offer(slot(first + i), product(wanted.vector(), chunk, i * dimension));
      }
    }
    return nearest.list();
  }

  private static float product(float[] a, float[] b, int offset) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[offset + i];
    }
    return (float) sum;
  }

  private Slot slot(int row) {
    Slot slot = slots[row];
    if (slot == null) {
      throw new IllegalStateException(
          "row %d of %d is empty, expected all rows in use".formatted(row, count));
    }
    return slot;
  }

  private void write(int row, float[] vector) {
    vectors.write((long) row * dimension, vector, 0, dimension);
  }

  /** Only after memory.capacity was lowered: the changelog then holds more than fits. */
  private void grow() {
    int rows = Math.multiplyExact(2, slots.length);
    Tensor larger = kernels.allocate(rows, dimension);
    kernels.copy(vectors, larger.view(0, slots.length, dimension));
    vectors = larger;
    slots = Arrays.copyOf(slots, rows);
  }
}
