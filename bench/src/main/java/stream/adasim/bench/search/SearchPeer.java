package stream.adasim.bench.search;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import stream.adasim.bench.contest.ProcessMemory;

/**
 * One index in a process of its own, told when to run; bench/peers/search.py says how, and does the
 * same with faiss.
 */
@CommandLine.Command(name = "search-peer")
final class SearchPeer implements Runnable {
  @Option(names = "--index", required = true)
  private String kind = "";

  @Option(names = "--data", required = true)
  private Path data = Path.of("");

  @Option(names = "--rows", required = true)
  private int rows;

  @Option(names = "--dim", required = true)
  private int dimension;

  @Option(names = "--batch", required = true)
  private int batch;

  @Option(names = "--k", required = true)
  private int k;

  @Option(names = "--threads", required = true)
  private int threads;

  private SearchPeer() {}

  /** Runs until the input ends. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SearchPeer()).execute(arguments));
  }

  @Override
  public void run() {
    try (VectorStream stream = new VectorStream(data, rows, dimension);
        Index index = open(stream)) {
      System.out.println("ready " + index.describe());
      var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] order = line.split(" ", -1);
        System.out.println(
            switch (order[0]) {
              case "drift" ->
                  drift(index, stream, Integer.parseInt(order[1]), Integer.parseInt(order[2]));
              case "effort" -> {
                index.effort(Integer.parseInt(order[1]));
                yield "ok";
              }
              case "recall" -> recall(index, stream, Integer.parseInt(order[1]));
              case "batches" -> batches(index, stream, Integer.parseInt(order[1]));
              default -> throw new IllegalArgumentException("no order " + line);
            });
      }
      System.out.println("rss " + ProcessMemory.peak());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Index open(VectorStream stream) throws IOException {
    return switch (kind) {
      case "ours" -> new OurIndex(stream, threads, 1);
      case "approximate" -> new OurIndex(stream, threads, SearchCommand.RECALL);
      case "jvector" -> new JVectorIndex(stream, threads);
      case "lucene" -> new LuceneIndex(stream, threads, Files.createTempDirectory(data, "lucene"));
      default -> throw new IllegalArgumentException("no index " + kind);
    };
  }

  /** The next of the stream. */
  private record Batch(List<Integer> images, List<float[]> vectors) {
    static Batch next(VectorStream stream, int count) {
      Batch batch = new Batch(new ArrayList<>(count), new ArrayList<>(count));
      for (int i = 0; i < count; i++) {
        batch.images.add(stream.image());
        batch.vectors.add(stream.vector());
        stream.advance(1);
      }
      return batch;
    }
  }

  private String drift(Index index, VectorStream stream, int updates, int searched)
      throws IOException {
    int done = 0;
    while (done < updates) {
      boolean searches = done < searched && index.learnsFromSearches();
      Batch next = Batch.next(stream, Math.min(updates - done, searches ? batch : 1024));
      if (searches) {
        index.search(next.images, next.vectors, k);
      }
      index.replace(next.images, next.vectors);
      done += next.images.size();
    }
    index.refresh();
    return "ok";
  }

  private String recall(Index index, VectorStream stream, int queries) throws IOException {
    Batch next = Batch.next(stream, queries);
    stream.advance(-queries);
    StringBuilder ids = new StringBuilder("ids");
    for (int[] each : index.search(next.images, next.vectors, k)) {
      for (int i = 0; i < k; i++) {
        ids.append(' ').append(i < each.length ? each[i] : -1);
      }
    }
    return ids.toString();
  }

  private String batches(Index index, VectorStream stream, int count) throws IOException {
    StringBuilder times = new StringBuilder("ms");
    for (int i = 0; i < count; i++) {
      Batch next = Batch.next(stream, batch);
      long begin = System.nanoTime();
      index.search(next.images, next.vectors, k);
      index.replace(next.images, next.vectors);
      index.refresh();
      times.append(String.format(Locale.ROOT, " %.3f", (System.nanoTime() - begin) / 1e6));
    }
    return times.toString();
  }
}
