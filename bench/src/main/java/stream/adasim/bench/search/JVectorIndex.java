package stream.adasim.bench.search;

import io.github.jbellis.jvector.graph.GraphIndexBuilder;
import io.github.jbellis.jvector.graph.GraphSearcher;
import io.github.jbellis.jvector.graph.RandomAccessVectorValues;
import io.github.jbellis.jvector.graph.SearchResult;
import io.github.jbellis.jvector.graph.similarity.BuildScoreProvider;
import io.github.jbellis.jvector.graph.similarity.DefaultSearchScoreProvider;
import io.github.jbellis.jvector.util.Bits;
import io.github.jbellis.jvector.vector.VectorSimilarityFunction;
import io.github.jbellis.jvector.vector.VectorizationProvider;
import io.github.jbellis.jvector.vector.types.VectorFloat;
import io.github.jbellis.jvector.vector.types.VectorTypeSupport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * JVector: a new vector is a new node, the old one is marked deleted, and a tenth of all being
 * deleted, they are taken out of the graph.
 */
final class JVectorIndex implements Index {
  private static final VectorTypeSupport TYPES =
      VectorizationProvider.getInstance().getVectorTypeSupport();
  private static final VectorSimilarityFunction SIMILARITY = VectorSimilarityFunction.DOT_PRODUCT;

  private static final int DEGREE = 32;

  private final int images;
  private final ForkJoinPool pool;
  private final Nodes nodes;
  private final int[] nodeOf;
  private final GraphIndexBuilder builder;
  private int deleted;
  private int effort = 10;

  /** All vectors so far, by node; written by one thread between searches and insertions. */
  private static final class Nodes implements RandomAccessVectorValues {
    private final int dimension;
    private final List<VectorFloat<?>> vectors = new ArrayList<>();
    private final List<Integer> imageOf = new ArrayList<>();

    Nodes(int dimension) {
      this.dimension = dimension;
    }

    int add(int image, float[] vector) {
      vectors.add(TYPES.createFloatVector(vector));
      imageOf.add(image);
      return vectors.size() - 1;
    }

    @Override
    public int size() {
      return vectors.size();
    }

    @Override
    public int dimension() {
      return dimension;
    }

    @Override
    public VectorFloat<?> getVector(int node) {
      return vectors.get(node);
    }

    @Override
    public boolean isValueShared() {
      return false;
    }

    @Override
    public RandomAccessVectorValues copy() {
      return this;
    }
  }

  JVectorIndex(VectorStream vectors, int threads) {
    this.images = vectors.rows();
    this.pool = new ForkJoinPool(threads);
    this.nodes = new Nodes(vectors.first(0).length);
    this.nodeOf = new int[images];
    for (int image = 0; image < images; image++) {
      nodeOf[image] = nodes.add(image, vectors.first(image));
    }
    this.builder =
        GraphIndexBuilder.builder(
                BuildScoreProvider.randomAccessScoreProvider(nodes, SIMILARITY),
                nodes.dimension(),
                DEGREE)
            .withBeamWidth(100)
            .withNeighborOverflow(1.2f)
            .withAlpha(1.2f)
            .withSimdExecutor(pool)
            .withParallelExecutor(pool)
            .build();
    inParallel(images, image -> builder.addGraphNode(image, nodes.getVector(image)));
    builder.cleanup();
  }

  private void inParallel(int tasks, IntConsumer task) {
    pool.submit(() -> IntStream.range(0, tasks).parallel().forEach(task)).join();
  }

  @Override
  public String describe() {
    return "JVector, degree " + DEGREE + ", " + TYPES.getClass().getSimpleName();
  }

  @Override
  public void effort(int wanted) {
    effort = wanted;
  }

  @Override
  public int[][] search(List<Integer> images, List<float[]> queries, int k) {
    int[][] found = new int[queries.size()][];
    inParallel(
        queries.size(),
        i -> {
          VectorFloat<?> query = TYPES.createFloatVector(queries.get(i));
          try (GraphSearcher searcher = new GraphSearcher(builder.getGraph())) {
            SearchResult result =
                searcher.search(
                    DefaultSearchScoreProvider.exact(query, SIMILARITY, nodes),
                    k,
                    Math.max(k, effort),
                    0f,
                    0f,
                    Bits.ALL);
            found[i] =
                Arrays.stream(result.getNodes()).mapToInt(n -> nodes.imageOf.get(n.node)).toArray();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return found;
  }

  @Override
  public boolean learnsFromSearches() {
    return false;
  }

  @Override
  public void replace(List<Integer> replaced, List<float[]> vectors) {
    int first = nodes.size();
    for (int i = 0; i < replaced.size(); i++) {
      int image = replaced.get(i);
      builder.markNodeDeleted(nodeOf[image]);
      nodeOf[image] = nodes.add(image, vectors.get(i));
    }
    inParallel(replaced.size(), i -> builder.addGraphNode(first + i, nodes.getVector(first + i)));
    deleted += replaced.size();
    if (deleted >= images / 10) {
      builder.cleanup();
      deleted = 0;
    }
  }

  @Override
  public void refresh() {
    // A node is found as soon as it is added.
  }

  @Override
  public void close() throws IOException {
    builder.close();
    pool.close();
  }
}
