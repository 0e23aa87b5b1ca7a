package stream.adasim.indexer.memory;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.QuantizedVectors;
import stream.adasim.compute.SearchWork;
import stream.adasim.compute.Tensor;

/**
 * Searches a block's vectors with outlines where they spare most of the work, where they don't with
 * quantized copies if the processor multiplies such faster, else as they are. As vectors change,
 * what outlines spared is measured, and they are drawn anew or given up; a search finds the same
 * each way, unless it may miss something.
 */
final class Pruning {
  /** Fewer vectors, or shorter ones, are searched as fast as they are outlined. */
  private static final int LEAST_ROWS = 4096;

  private static final int LEAST_DIMENSION = 64;

  /** Outlines are drawn anew after so many writes per vector. */
  private static final int WRITES_PER_ROW = 2;

  private static final double SMOOTHING = 0.05;

  /** What a search by quantized copies costs, in products of a block of vectors as they are. */
  private static final double BY_COPIES = 0.5;

  private final Kernels kernels;
  private final Recall recall;
  private @Nullable Outlines outlines;
  private float caution; // of the outlines, right for a sample
  private @Nullable QuantizedVectors copies;
  private final BitSet stale = new BitSet(); // rows whose copies are not theirs
  private long writes;
  private long nextFit;
  private double cost; // of a search with outlines, in products of a block
  private double without; // and of one without

  Pruning(Kernels kernels, Recall recall) {
    this.kernels = kernels;
    this.recall = recall;
  }

  void changed(int row) {
    writes++;
    stale.set(row);
    if (outlines != null) {
      outlines.changed(row);
    }
  }

  /** All vectors moved to another tensor. */
  void moved() {
    outlines = null;
    copies = null;
    nextFit = writes;
  }

  /** Whether a search computes bounds, so that known rows spare it work. */
  boolean prunes() {
    return outlines != null || copies != null;
  }

  /** Whether {@link #topK} may find less than {@link #whole}. */
  boolean estimates() {
    return outlines != null && !recall.exact();
  }

  /**
   * {@link Kernels#topK}, but for rows that the recall lets it miss; queries are 64 at most.
   *
   * @param known (Q, k): rows that are likely to be found, -1 for none
   */
  void topK(
      Tensor queries, Tensor vectors, int[] known, int count, int k, int[] rows, float[] scores) {
    Outlines current = current(vectors, count, k);
    if (current == null) {
      whole(queries, vectors, known, count, k, rows, scores);
      return;
    }
    current.update(vectors, count);
    float counted = recall.exact() ? 1 : (float) Math.min(1, caution * recall.caution());
    SearchWork work =
        kernels.topK(
            queries,
            vectors,
            current.of(queries, counted),
            current.rows(),
            current.slack(),
            known,
            count,
            k,
            rows,
            scores);
    double products = (work.inBlocks() + Directions.FOLLOW_UP * work.singly()) / queries.rows();
    cost += SMOOTHING * (current.share() + products / count - cost);
    if (cost > without) {
      outlines = null;
    }
  }

  /** The same without outlines, so that it misses nothing. */
  void whole(
      Tensor queries, Tensor vectors, int[] known, int count, int k, int[] rows, float[] scores) {
    if (copies == null && count >= LEAST_ROWS) {
      copies = kernels.quantized(vectors.rows(), vectors.columns()).orElse(null);
      stale.set(0, vectors.rows());
    }
    if (copies == null) {
      kernels.topK(queries, vectors, count, k, rows, scores);
      return;
    }
    for (int row = stale.nextSetBit(0); row >= 0 && row < count; row = stale.nextSetBit(row + 1)) {
      copies.update(vectors, row, 1);
      stale.clear(row);
    }
    kernels.topK(queries, vectors, copies, known, count, k, rows, scores);
  }

  private @Nullable Outlines current(Tensor vectors, int count, int k) {
    if (count < LEAST_ROWS || vectors.columns() < LEAST_DIMENSION) {
      outlines = null;
      nextFit = writes;
    } else if (writes >= nextFit) {
      without = kernels.quantized(1, vectors.columns()).isPresent() ? BY_COPIES : 1;
      Directions.Fit fit =
          new Directions(kernels, vectors, count, k, recall.misses(), without).best();
      outlines = null;
      if (fit != null) {
        outlines = new Outlines(kernels, fit.directions(), vectors.columns(), vectors.rows());
        caution = fit.caution();
      }
      nextFit = writes + (long) WRITES_PER_ROW * count;
      cost = 0;
    }
    return outlines;
  }
}
