package stream.adasim.bench.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import stream.adasim.bench.Folders;
import stream.adasim.bench.InputException;
import stream.adasim.bench.Inputs;
import stream.adasim.bench.contest.Contestant;
import stream.adasim.bench.contest.LogPlot;

/** Searches with update beside the peers, turn by turn, and prints tables and one line. */
@Command(
    name = "bench/run search",
    description = {
      "Times batches in which every query also replaces its own vector, after a full pass of drift,"
          + " here and in peers; approximate ones at the least effort with a recall of .99.",
      "Each table says how clustered its vectors are: the share of their variance that k-means"
          + " explains, with as many centroids as the square root of the rows; fitted to a sample of"
          + " 10,000 rows, measured on as many others."
    },
    mixinStandardHelpOptions = true)
final class SearchCommand implements Callable<Integer> {
  private static final List<String> PEERS =
      List.of("approximate", "flat", "ivf", "hnsw", "jvector", "lucene");

  private static final int K = 10;
  static final double RECALL = 0.99;

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

  @Option(
      names = "--sizes",
      split = ",",
      description =
          "Rows and dimension, as 16384x192. Of learned vectors so many rows, as 16384; by default"
              + " all.")
  private List<String> sizes = List.of();

  @Option(
      names = "--data",
      split = ",",
      description =
          "unclustered, clustered, low-rank: drawn ones. learned: those that --models make of"
              + " --images.")
  private List<String> kinds = List.of("unclustered", "clustered", "low-rank");

  @Option(
      names = "--images",
      split = ",",
      paramLabel = "PLACE",
      description =
          "Folders, archives or IDX files, as bin/adasim evaluate reads them; all their images are"
              + " embedded as they are.")
  private List<String> images = List.of();

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "FILE",
      description =
          "BEFORE.safetensors,AFTER.safetensors: two states of one training, such as teachers that"
              + " bin/adasim experiment kept. The bank begins with the vectors by BEFORE; those by"
              + " AFTER replace them.")
  private List<Path> models = List.of();

  @Option(
      names = "--peers",
      split = ",",
      description = "flat, ivf, hnsw, jvector, lucene; approximate: ours with memory.recall=0.99.")
  private List<String> peers = PEERS;

  @Option(names = "--turns", description = "How often each contestant's turn comes.")
  private int turns;

  @Option(
      names = "--plot",
      paramLabel = "FILE",
      description = "A PNG file for ms per batch over rows; by default none.")
  private @Nullable Path plot;

  private final Summary summary = new Summary();
  private final LogPlot chart = new LogPlot("Search with update", "rows", "ms per batch");

  private SearchCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return Inputs.commandLine(new SearchCommand());
  }

  private record Round(VectorSource source, Size size) {}

  @Override
  public Integer call() throws IOException {
    if (quick) {
      System.out.println(
          "quick: no 1,000,000 x 384; IVF, HNSW, JVector and Lucene up to 20,000 rows, they and the"
              + " approximate on low-rank and learned data only; fewer turns");
    }
    for (Round round : rounds()) {
      measure(round.source, round.size);
    }
    if (plot != null) {
      chart.write(plot);
    }
    System.out.println();
    System.out.println(summary.line());
    return 0;
  }

  /** What is to be measured, smaller banks first; all of it is checked before any of it begins. */
  private List<Round> rounds() throws IOException {
    for (String peer : peers) {
      if (!PEERS.contains(peer)) {
        throw new InputException(
            "--peers has \"%s\": expected some of %s".formatted(peer, String.join(",", PEERS)));
      }
    }
    List<Size> asked = sizes.stream().map(Size::parse).toList();
    List<VectorSource> sources = new ArrayList<>();
    for (String kind : kinds) {
      sources.add(kind.equals("learned") ? learned() : Vectors.named(kind));
    }
    if (!kinds.contains("learned") && !(images.isEmpty() && models.isEmpty())) {
      throw new InputException("--images and --models are for learned vectors: add --data=learned");
    }
    return sources.stream()
        .flatMap(
            source ->
                (asked.isEmpty() ? source.sizes(quick) : asked)
                    .stream().map(size -> new Round(source, source.fit(size))))
        .sorted(Comparator.comparingInt(round -> round.size.rows()))
        .toList();
  }

  private VectorSource learned() throws IOException {
    if (images.isEmpty() || models.size() != 2) {
      throw new InputException(
          "--data=learned has %d --images and %d --models: expected --images=PLACE[,PLACE] and --models=BEFORE.safetensors,AFTER.safetensors"
              .formatted(images.size(), models.size()));
    }
    return LearnedVectors.embed(images, models, threads);
  }

  private void measure(VectorSource source, Size size) throws IOException {
    int rows = size.rows();
    int dimension = size.dimension();
    Path folder = Files.createTempDirectory("adasim-search");
    List<SearchContestant> all = new ArrayList<>();
    try {
      source.write(folder, size);
      double clustered = clustered(folder, size);
      all.add(start("ours", folder, rows, dimension));
      for (String peer : peers) {
        boolean faiss = List.of("flat", "ivf", "hnsw").contains(peer);
        boolean large = isTuned(peer) && rows > 20_000;
        boolean slow = large || (!peer.equals("flat") && !likeLearned(source));
        if ((!faiss || !python.isEmpty()) && !(quick && slow)) {
          all.add(start(peer, folder, rows, dimension));
        }
      }
      int batches = Math.max(2, (int) Math.min(200, 20_000_000L / rows / 8));
      Truth truth = new Truth(folder, rows, dimension, queries(rows), K);
      for (SearchContestant each : all) {
        each.drift(rows, Math.min(rows, all(batches) * Size.BATCH));
        tune(each, truth);
      }
      for (SearchContestant each : all) {
        each.warmUp(share(each, WARM_UP), Size.BATCH);
      }
      for (int turn = 0; turn < turns(); turn++) {
        for (SearchContestant each : all) {
          each.run(share(each, batches), Size.BATCH);
        }
      }
      for (SearchContestant each : all) {
        each.recall(truth);
        each.finish();
      }
      Table.print(source, size, clustered, K, threads, all);
      summary.add(rows, all);
      for (SearchContestant each : all) {
        chart.add(each.name() + ", " + source, rows, each.median());
      }
    } finally {
      all.forEach(SearchContestant::close);
      Folders.delete(folder);
    }
  }

  /** How many batches a contestant takes in all, those that are not counted among them. */
  private int all(int batches) {
    return WARM_UP + 1 + turns() * (batches + 1);
  }

  /** How many searches decide about a recall: as many as the products with all rows fit in. */
  private static int queries(int rows) {
    return Math.clamp(30_000_000L / rows, Size.BATCH, 512);
  }

  private static boolean likeLearned(VectorSource source) {
    return source == Vectors.LOW_RANK || source instanceof LearnedVectors;
  }

  /** How clustered the vectors are after the full pass of drift, as they are searched. */
  private static double clustered(Path folder, Size size) throws IOException {
    try (VectorStream stream = new VectorStream(folder, size.rows(), size.dimension())) {
      stream.advance(size.rows());
      return Clusteredness.of(stream);
    }
  }

  /** Those that are tuned are slow enough to be measured by fewer batches. */
  private static int share(SearchContestant contestant, int batches) {
    return isTuned(contestant.name()) ? Math.max(2, batches / 4) : batches;
  }

  /** Whether an effort decides about a contestant's recall. */
  private static boolean isTuned(String name) {
    return !List.of("ours", "approximate", "flat").contains(name);
  }

  private int turns() {
    return turns > 0 ? turns : quick ? 5 : 9;
  }

  /** Gives an approximate one as much as it needs for its recall, after the whole drift. */
  private static void tune(SearchContestant contestant, Truth truth) throws IOException {
    if (!isTuned(contestant.name())) {
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
            "--batch=" + Size.BATCH,
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
}
