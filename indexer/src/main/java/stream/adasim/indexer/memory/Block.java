package stream.adasim.indexer.memory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * The vectors of one model: the first {@code count} rows of one tensor, without holes, because the
 * search cannot skip rows. Not thread-safe; {@link Bank} guards it.
 */
final class Block {
  /** How many more rows than asked for a search ranks exactly, at first and at second try. */
  private static final int[] SPARES = {2, 118};

  /** The same where queries may refuse some. */
  private static final int[] SPARES_OF_THE_CHOOSY = {22, 118};

  /** Queries that are searched for at once. */
  private static final int BATCH = 64;

  /** Row of a query that isn't of an image here. */
  private static final int UNKNOWN = -1;

  /** Rows taken at a time where all are ranked. */
  private static final int CHUNK = 4096;

  private final Kernels kernels;
  private final long model;
  private final int dimension;
  private final float[] scratch; // (D)
  private final Tensor queries; // (BATCH, D)
  private final Pruning pruning;
  private final Recall recall;
  private final LastFound lastFound = new LastFound();
  private Tensor vectors; // (rows, D)
  private @Nullable Slot[] slots;
  private int count;

  Block(Kernels kernels, long model, int rows, int dimension, Recall recall) {
    this.kernels = kernels;
    this.model = model;
    this.dimension = dimension;
    this.scratch = new float[dimension];
    this.queries = kernels.allocate(BATCH, dimension);
    this.pruning = new Pruning(kernels, recall);
    this.recall = recall;
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
    writeRow(count, memory.vector());
    lastFound.forget(count);
    slots[count++] = slot;
    return slot;
  }

  /** Puts another vector of the same image into the row it already has. */
  Slot replace(Slot old, Memory memory) {
    Slot slot = new Slot(old.id, memory, this, old.row);
    writeRow(old.row, memory.vector());
    slots[old.row] = slot;
    return slot;
  }

  /** Frees a row; the last row moves into it. */
  void remove(Slot slot) {
    Slot last = slot(--count);
    slots[count] = null;
    if (last != slot) {
      vectors.read((long) last.row * dimension, scratch, 0, dimension);
      writeRow(slot.row, scratch);
      lastFound.moved(last.row, slot.row);
      last.row = slot.row;
      slots[last.row] = last;
    }
  }

  /**
   * For each query the k nearest by cosine that it accepts, in the order {@link
   * Neighbour#NEAREST_FIRST}; exact, unless the recall may be less.
   *
   * <p>The kernel's products may differ in their last bits with the row that a vector lies in, and
   * equal products come by row. So a few more rows than k are taken and their products computed
   * again, the same wherever they lie, until the last of them is further from the k-th than
   * rounding can account for: the answer depends only on what is stored. Where even many more rows
   * don't separate, as with the vectors of a collapsed or an untrained model, or where most are
   * refused, all rows' products are computed so.
   */
  List<List<Neighbour>> search(List<Query> wanted, Function<Query, @Nullable Slot> slotOf, int k) {
    List<List<Neighbour>> found = new ArrayList<>(wanted.size());
    for (int first = 0; first < wanted.size(); first += BATCH) {
      List<Query> batch = wanted.subList(first, Math.min(first + BATCH, wanted.size()));
      int[] rowsOf = batch.stream().mapToInt(query -> row(slotOf.apply(query))).toArray();
      List<List<Neighbour>> some = searchBatch(batch, rowsOf, k, pruning::topK);
      if (!pruning.estimates()) {
        recall.all(some.stream().mapToInt(List::size).sum());
      } else if (recall.due(batch.size(), count)) {
        List<List<Neighbour>> all = searchBatch(batch, rowsOf, k, pruning::whole);
        recall.compare(some, all);
        some = all;
      }
      found.addAll(some);
    }
    return found;
  }

  private int row(@Nullable Slot slot) {
    return slot != null && slot.block == this ? slot.row : UNKNOWN;
  }

  /** {@link Pruning#topK}, or what replaces it. */
  @FunctionalInterface
  private interface TopK {
    void of(
        Tensor queries, Tensor vectors, int[] known, int count, int k, int[] rows, float[] scores);
  }

  /**
   * @param rowsOf of each query the row of its own image, or {@link #UNKNOWN}
   */
  private List<List<Neighbour>> searchBatch(List<Query> wanted, int[] rowsOf, int k, TopK topK) {
    List<List<Neighbour>> found = new ArrayList<>(Collections.nCopies(wanted.size(), List.of()));
    List<Integer> open = new ArrayList<>(wanted.size());
    int[] images = rowsOf;
    int[] nobody = new int[rowsOf.length];
    Arrays.fill(nobody, UNKNOWN);
    boolean choosy = false;
    for (int i = 0; i < wanted.size(); i++) {
      open.add(i);
      choosy |= wanted.get(i).acceptance() != null;
    }
    for (int spare : choosy ? SPARES_OF_THE_CHOOSY : SPARES) {
      if (open.isEmpty() || count == 0) {
        return found;
      }
      open = searchMore(wanted, open, images, k, Math.min(count, k + spare), topK, found);
      images = nobody;
    }
    for (int each : open) {
      found.set(each, searchAllRows(wanted.get(each), k, 0, count));
    }
    return found;
  }

  /** Answers those of the open queries for which so many rows are enough; returns the others. */
  private List<Integer> searchMore(
      List<Query> wanted,
      List<Integer> open,
      int[] rowsOf,
      int k,
      int taken,
      TopK topK,
      List<List<Neighbour>> found) {
    for (int i = 0; i < open.size(); i++) {
      write(queries, i, wanted.get(open.get(i)).vector());
    }
    Tensor batch = queries.view(0, open.size(), dimension);
    int[] rows = new int[open.size() * taken];
    float[] scores = new float[rows.length];
    float[] products = new float[rows.length];
    topK.of(batch, vectors, known(open, rowsOf, taken), count, taken, rows, scores);
    kernels.exactProducts(batch, vectors, taken, rows, products);
    List<Integer> more = new ArrayList<>();
    for (int i = 0; i < open.size(); i++) {
      int each = open.get(i);
      Nearest nearest = new Nearest(k, wanted.get(each).acceptance());
      for (int j = i * taken; j < (i + 1) * taken; j++) {
        if (rows[j] >= 0) {
          nearest.offer(slot(rows[j]), products[j]);
        }
      }
      if (pruning.prunes()) {
        lastFound.keep(rowsOf[each], slots.length, rows, i * taken, taken);
      }
      if (taken == count || scores[(i + 1) * taken - 1] + rounding() < nearest.threshold()) {
        found.set(each, nearest.list());
      } else {
        more.add(each);
      }
    }
    return more;
  }

  /** The rows that the last searches for the open queries' images found, {@code taken} of each. */
  private int[] known(List<Integer> open, int[] rowsOf, int taken) {
    int[] known = new int[open.size() * taken];
    Arrays.fill(known, UNKNOWN);
    if (pruning.prunes()) {
      for (int i = 0; i < open.size(); i++) {
        lastFound.take(rowsOf[open.get(i)], taken, count, known, i * taken);
      }
    }
    return known;
  }

  /**
   * As {@link #search(List, Function, int)} for one query, among {@code n} rows from {@code first}
   * on.
   */
  List<Neighbour> search(Query wanted, int k, int first, int n) {
    Tensor query = queries.view(0, 1, dimension);
    query.write(wanted.vector());
    // To the end of what is allocated, so that the kernel meets few shapes.
    int allocated = slots.length - first;
    Tensor part = vectors.view((long) first * dimension, allocated, dimension);
    for (int spare : SPARES_OF_THE_CHOOSY) {
      int taken = Math.min(n, k + spare);
      int[] rows = new int[taken];
      float[] scores = new float[taken];
      float[] products = new float[taken];
      kernels.topK(query, part, n, taken, rows, scores);
      kernels.exactProducts(query, part, taken, rows, products);
      Nearest nearest = new Nearest(k, wanted.acceptance());
      for (int i = 0; i < taken; i++) {
        nearest.offer(slot(first + rows[i]), products[i]);
      }
      if (taken == n || scores[taken - 1] + rounding() < nearest.threshold()) {
        return nearest.list();
      }
    }
    return searchAllRows(wanted, k, first, n);
  }

  /**
   * A product of unit vectors is off by D u at most, u = 2^-24, and what is published is rounded
   * once more; vectors are of unit length within a thousandth.
   */
  private float rounding() {
    return (dimension + 2) * 1.01f * 0x1p-24f;
  }

  private List<Neighbour> searchAllRows(Query wanted, int k, int from, int n) {
    Tensor query = queries.view(0, 1, dimension);
    query.write(wanted.vector());
    Nearest nearest = new Nearest(k, wanted.acceptance());
    for (int first = from; first < from + n; first += CHUNK) {
      int[] rows = IntStream.range(first, Math.min(first + CHUNK, from + n)).toArray();
      float[] products = new float[rows.length];
      kernels.exactProducts(query, vectors, rows.length, rows, products);
      for (int i = 0; i < rows.length; i++) {
        nearest.offer(slot(rows[i]), products[i]);
      }
    }
    return nearest.list();
  }

  private Slot slot(int row) {
    Slot slot = slots[row];
    if (slot == null) {
      throw new IllegalStateException(
          "row %d of %d is empty, expected all rows in use".formatted(row, count));
    }
    return slot;
  }

  private void writeRow(int row, float[] vector) {
    write(vectors, row, vector);
    pruning.changed(row);
  }

  private void write(Tensor target, int row, float[] vector) {
    target.write((long) row * dimension, vector, 0, dimension);
  }

  /** Only after memory.capacity was lowered: the changelog then holds more than fits. */
  private void grow() {
    int rows = Math.multiplyExact(2, slots.length);
    Tensor larger = kernels.allocate(rows, dimension);
    kernels.copy(vectors, larger.view(0, slots.length, dimension));
    vectors = larger;
    slots = Arrays.copyOf(slots, rows);
    pruning.moved();
  }
}
