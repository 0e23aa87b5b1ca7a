package stream.adasim.bench.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.Folders;
import stream.adasim.bench.contest.Contestant;

/** Searches with update beside the peers, turn by turn, and prints tables and one line. */
@Command(name = "bench/run search", mixinStandardHelpOptions = true)
final class SearchCommand implements Callable<Integer> {
  private static final int BATCH = 64;
  private static final int K = 10;
  private static final double RECALL = 0.99;

  /** Batches before the first that counts. */
  private static final int WARM_UP = 100;

  @Option(
      names = "--quick",
      description = "Over within five minutes: no million, approximate peers at the least size.")
  private boolean quick;

  @Option(names = "--python", description = "A Python that has faiss; without it, none of faiss.")
  private String python = "";

  @Option(
      names = "--blas-core",
      description = "What faiss's OpenBLAS takes the processor for; by default what it finds.")
  private String blasCore = "";

  @Option(names = "--threads", description = "Threads of every contestant.")
  private int threads = 2;

  @Option(names = "--sizes", split = ",", description = "Rows and dimension, as 16384x192.")
  private List<String> sizes = List.of();

  @Option(names = "--data", split = ",", description = "unclustered, clustered, low-rank.")
  private List<String> kinds = List.of("unclustered", "clustered", "low-rank");

  @Option(names = "--peers", split = ",", description = "flat, ivf, hnsw, jvector, lucene.")
  private List<String> peers = List.of("flat", "ivf", "hnsw", "jvector", "lucene");

  @Option(names = "--turns", description = "How often each contestant's turn comes.")
  private int turns;

  private final Summary summary = new Summary();

  private SearchCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SearchCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    if (quick) {
      System.out.println(
          "quick: no 1,000,000 x 384; IVF, HNSW, JVector and Lucene at 16,384 x 192 and on low-rank"
              + " data only; fewer turns");
    }
    List<String> shapes = sizes;
    if (shapes.isEmpty()) {
      shapes =
          quick
              ? List.of("16384x192", "100000x384")
              : List.of("16384x192", "100000x384", "1000000x384");
    }
    for (String shape : shapes) {
      int times = shape.indexOf('x');
      for (String kind : kinds) {
        round(
            Vectors.valueOf(kind.toUpperCase(Locale.ROOT).replace('-', '_')),
            Integer.parseInt(shape.substring(0, times)),
            Integer.parseInt(shape.substring(times + 1)));
      }
    }
    System.out.println();
    System.out.println(summary.line());
    return 0;
  }

  private void round(Vectors kind, int rows, int dimension) throws IOException {
    Path folder = Files.createTempDirectory("adasim-search");
    List<SearchContestant> all = new ArrayList<>();
    try {
      kind.write(folder, rows, dimension);
      all.add(start("ours", folder, rows, dimension));
      for (String peer : peers) {
        boolean faiss = List.of("flat", "ivf", "hnsw").contains(peer);
        boolean slow = !peer.equals("flat") && (rows > 20_000 || kind != Vectors.LOW_RANK);
        if ((!faiss || !python.isEmpty()) && !(quick && slow)) {
          all.add(start(peer, folder, rows, dimension));
        }
      }
      Truth truth = new Truth(folder, rows, dimension, BATCH, K);
      for (SearchContestant each : all) {
        each.drift(rows);
        tune(each, truth);
      }
      int batches = Math.max(2, (int) Math.min(200, 20_000_000L / rows / 8));
      for (SearchContestant each : all) {
        each.warmUp(share(each, WARM_UP), BATCH);
      }
      for (int turn = 0; turn < turns(); turn++) {
        for (SearchContestant each : all) {
          each.run(share(each, batches), BATCH);
        }
      }
      for (SearchContestant each : all) {
        each.recall(truth);
        each.finish();
      }
      print(kind, rows, dimension, all);
      summary.add(rows, all);
    } finally {
      all.forEach(SearchContestant::close);
      Folders.delete(folder);
    }
  }

  /** Approximate ones are slow enough to be measured by fewer batches. */
  private static int share(SearchContestant contestant, int batches) {
    boolean exact = contestant.name().equals("ours") || contestant.name().equals("flat");
    return exact ? batches : Math.max(2, batches / 4);
  }

  private int turns() {
    return turns > 0 ? turns : quick ? 5 : 9;
  }

  /** Gives an approximate one as much as it needs for its recall, after the whole drift. */
  private static void tune(SearchContestant contestant, Truth truth) throws IOException {
    if (contestant.name().equals("ours") || contestant.name().equals("flat")) {
      return;
    }
    int effort = contestant.name().equals("ivf") ? 4 : 16;
    contestant.effort(effort);
    while (contestant.recall(truth) < RECALL && effort < 4096) {
      effort = effort * 3 / 2;
      contestant.effort(effort);
    }
  }

  private SearchContestant start(String name, Path folder, int rows, int dimension)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (List.of("flat", "ivf", "hnsw").contains(name)) {
      command.addAll(List.of(python, "bench/peers/search.py", "--blas-core=" + blasCore));
    } else {
      command.addAll(Contestant.java(name.equals("jvector") ? "10g" : "2g", SearchPeer.class));
    }
    command.addAll(
        List.of(
            "--index=" + name,
            "--data=" + folder,
            "--rows=" + rows,
            "--dim=" + dimension,
            "--batch=" + BATCH,
            "--k=" + K,
            "--threads=" + threads));
    ProcessBuilder builder = new ProcessBuilder(command);
    if (name.equals("ours")) {
      builder.environment().put("OMP_WAIT_POLICY", "passive");
    } else {
      builder.environment().remove("OMP_WAIT_POLICY");
    }
    return new SearchContestant(name, builder);
  }

  private void print(Vectors kind, int rows, int dimension, List<SearchContestant> all) {
    System.out.printf(
        "%n%d x %d, %s, batch %d, k=%d, %d threads, after a full pass of drift%n",
        rows, dimension, kind, BATCH, K, threads);
    System.out.printf(
        "%-8s %9s %9s %9s %10s %8s %7s %7s%n",
        "", "ms", "10 %", "90 %", "queries/s", "ratio", "recall", "MB");
    double ours = all.getFirst().median();
    for (SearchContestant each : all) {
      System.out.printf(
          Locale.ROOT,
          "%-8s %9.2f %9.2f %9.2f %10.0f %8.2f %7.4f %7.0f%n",
          each.name(),
          each.median(),
          each.quantile(0.1),
          each.quantile(0.9),
          BATCH / each.median() * 1e3,
          each.median() / ours,
          each.recall(),
          each.memory());
    }
    for (SearchContestant each : all) {
      System.out.println("  " + each.name() + ": " + each.description());
    }
  }
}
