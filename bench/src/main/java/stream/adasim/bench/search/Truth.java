package stream.adasim.bench.search;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/** What a search should have found, in double precision, after so many updates. */
final class Truth {
  private final Path folder;
  private final int rows;
  private final int dimension;
  private final int queries;
  private final int k;
  private long updates = -1;
  private double[][] products = new double[0][];
  private double[] kth = new double[0]; // product of each query with its k-th nearest

  Truth(Path folder, int rows, int dimension, int queries, int k) {
    this.folder = folder;
    this.rows = rows;
    this.dimension = dimension;
    this.queries = queries;
    this.k = k;
  }

  /** How many queries the recall is measured on. */
  int queries() {
    return queries;
  }

  /** The share of their k nearest that were found; a tie with the k-th counts as found. */
  double recall(long after, int[] found) throws IOException {
    if (after != updates) {
      compute(after);
    }
    int right = 0;
    for (int query = 0; query < queries; query++) {
      int[] distinct = Arrays.stream(found, query * k, query * k + k).distinct().toArray();
      for (int image : distinct) {
        if (image >= 0 && products[query][image] >= kth[query] - 1e-9) {
          right++;
        }
      }
    }
    return (double) right / (queries * k);
  }

  private void compute(long after) throws IOException {
    updates = after;
    try (VectorStream stream = new VectorStream(folder, rows, dimension)) {
      stream.advance(after);
      float[][] asked = new float[queries][];
      for (int i = 0; i < queries; i++) {
        asked[i] = stream.vector();
        stream.advance(1);
      }
      stream.advance(-queries);
      products = new double[queries][rows];
      stream.current(0); // the order of a pass, before threads ask for it
      IntStream.range(0, rows)
          .parallel()
          .forEach(
              image -> {
                float[] vector = stream.current(image);
                for (int query = 0; query < queries; query++) {
                  products[query][image] = product(asked[query], vector);
                }
              });
    }
    kth = Arrays.stream(products).parallel().mapToDouble(this::kthOf).toArray();
  }

  private double kthOf(double[] unsorted) {
    double[] sorted = unsorted.clone();
    Arrays.sort(sorted);
    return sorted[rows - k];
  }

  /** In double precision. */
  static double product(float[] a, float[] b) {
    double even = 0;
    double odd = 0;
    for (int c = 0; c + 1 < a.length; c += 2) {
      even += (double) a[c] * b[c];
      odd += (double) a[c + 1] * b[c + 1];
    }
    if (a.length % 2 == 1) {
      even += (double) a[a.length - 1] * b[a.length - 1];
    }
    return even + odd;
  }
}
