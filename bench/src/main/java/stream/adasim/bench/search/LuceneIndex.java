package stream.adasim.bench.search;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.KnnFloatVectorField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.VectorSimilarityFunction;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.KnnFloatVectorQuery;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

/** Lucene: documents are updated by their id, and a near-real-time reader opened per batch. */
final class LuceneIndex implements Index {
  private final Directory directory;
  private final IndexWriter writer;
  private final ExecutorService pool;
  private DirectoryReader reader;
  private IndexSearcher searcher;
  private int effort;

  LuceneIndex(VectorStream vectors, int threads, Path folder) throws IOException {
    this.directory = new MMapDirectory(folder);
    this.writer = new IndexWriter(directory, new IndexWriterConfig().setRAMBufferSizeMB(512));
    this.pool = Executors.newFixedThreadPool(threads);
    this.effort = 10;
    all(
        threads,
        part -> {
          for (int image = part; image < vectors.rows(); image += threads) {
            writer.addDocument(document(image, vectors.first(image)));
          }
        });
    writer.forceMerge(1);
    this.reader = DirectoryReader.open(writer);
    this.searcher = new IndexSearcher(reader);
  }

  @FunctionalInterface
  private interface Part {
    void run(int part) throws IOException;
  }

  private void all(int parts, Part task) throws IOException {
    List<Callable<Void>> tasks =
        IntStream.range(0, parts)
            .<Callable<Void>>mapToObj(
                part ->
                    () -> {
                      task.run(part);
                      return null;
                    })
            .toList();
    try {
      for (Future<Void> each : pool.invokeAll(tasks)) {
        each.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IOException("Lucene failed", e);
    }
  }

  private static Document document(int image, float[] vector) {
    Document document = new Document();
    document.add(new StringField("id", Integer.toString(image), Field.Store.YES));
    document.add(new KnnFloatVectorField("vector", vector, VectorSimilarityFunction.DOT_PRODUCT));
    return document;
  }

  @Override
  public String describe() {
    return "Lucene " + Version.LATEST;
  }

  @Override
  public void effort(int wanted) {
    effort = wanted;
  }

  @Override
  public int[][] search(List<Integer> images, List<float[]> queries, int k) throws IOException {
    int[][] found = new int[queries.size()][];
    all(
        queries.size(),
        i -> {
          var query = new KnnFloatVectorQuery("vector", queries.get(i), Math.max(k, effort));
          ScoreDoc[] hits = searcher.search(query, k).scoreDocs;
          found[i] = new int[hits.length];
          for (int j = 0; j < hits.length; j++) {
            String id = searcher.storedFields().document(hits[j].doc).get("id");
            found[i][j] = Integer.parseInt(id);
          }
        });
    return found;
  }

  @Override
  public boolean learnsFromSearches() {
    return false;
  }

  @Override
  public void replace(List<Integer> images, List<float[]> vectors) throws IOException {
    all(
        images.size(),
        i ->
            writer.updateDocument(
                new Term("id", Integer.toString(images.get(i))),
                document(images.get(i), vectors.get(i))));
  }

  @Override
  public void refresh() throws IOException {
    DirectoryReader newer = DirectoryReader.openIfChanged(reader, writer);
    if (newer != null) {
      reader.close();
      reader = newer;
      searcher = new IndexSearcher(newer);
    }
  }

  @Override
  public void close() throws IOException {
    pool.close();
    reader.close();
    writer.close();
    directory.close();
  }
}
