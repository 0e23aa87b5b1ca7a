package stream.adasim.bench.gate;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import stream.adasim.bench.Inputs;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.weights.Model;
import stream.adasim.standalone.labelled.Embedder;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet;

/**
 * Has every image vote with one model that doesn't move, then splits the images by one sign after
 * the other and compares how often their best other candidate has their label on either side.
 */
@Command(
    name = "bench/run gate",
    mixinStandardHelpOptions = true,
    description = {
      "Which signs in an image's votes tell whether its best other candidate has its label:",
      "the gate, and others, each with the standard error of the difference."
    })
final class GateCommand implements Callable<Integer> {
  private static final int K = 10;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A safetensors file of ours.")
  private Path model = Path.of("");

  @Parameters(
      index = "1",
      paramLabel = "PLACE",
      description = "A folder, archive or IDX file with labels, as bin/adasim evaluate reads it.")
  private String place = "";

  @Option(names = "--images", description = "At most so many (default: ${DEFAULT-VALUE}).")
  private int most = 2000;

  @Option(
      names = "--queries",
      split = ",",
      converter = Query.Converter.class,
      paramLabel = "QUERY",
      description = {
        "What images search with: clean, faithful (the training view), or a number, the least area",
        "of weak ones (default: clean,0.7,0.2,faithful)."
      })
  private List<Query> queries =
      List.of(new Query.Clean(), new Query.Weak(0.7), new Query.Weak(0.2), new Query.Faithful());

  @Option(names = "--votes", description = "Of each image (default: ${DEFAULT-VALUE}).")
  private int votes = 8;

  @Option(names = "--seed", description = "Of the views (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  private GateCommand() {}

  /** Runs the command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(Inputs.commandLine(new GateCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    Model of = Inputs.model(model, seed);
    int size = of.architecture().imageSize();
    ImageSet images = ImageSet.read(place, most, DecodeLimits.DEFAULT, size).labelled();
    int[] labels =
        images.labels(images.images().stream().map(each -> each.label()).distinct().toList());
    try (Kernels kernels = Backends.open("auto", 0)) {
      Embedder embedder = new Embedder(kernels, of.architecture());
      embedder.load(of.teacher());
      for (Query each : queries) {
        report(each, vote(kernels, embedder, images.images(), each), labels);
      }
    }
    return 0;
  }

  private List<Ballot> vote(Kernels kernels, Embedder embedder, List<Example> images, Query by) {
    int n = images.size();
    int d = embedder.dim();
    SplittableRandom random = new SplittableRandom(seed);
    Tensor bank = kernels.allocate(n, d);
    bank.write(embedder.embed(images, by.stored().look(random)));
    List<Ballot> ballots = new ArrayList<>();
    for (int image = 0; image < n; image++) {
      ballots.add(new Ballot(image));
    }
    int k = Math.min(K, n);
    Tensor wanted = kernels.allocate(n, d);
    int[] rows = new int[n * k];
    float[] scores = new float[n * k];
    for (int vote = 0; vote < votes; vote++) {
      wanted.write(embedder.embed(images, by.look(random)));
      kernels.topK(wanted, bank, n, k, rows, scores);
      for (int image = 0; image < n; image++) {
        ballots.get(image).add(rows, scores, image * k, k);
      }
    }
    return ballots;
  }

  private void report(Query by, List<Ballot> ballots, int[] labels) {
    int n = labels.length;
    int[] best = ballots.stream().mapToInt(Ballot::bestOther).toArray();
    IntPredicate right = image -> labels[best[image]] == labels[image];
    int[] namedBy = new int[n];
    for (Ballot ballot : ballots) {
      for (int image = 0; image < n; image++) {
        namedBy[image] += ballot.times(image);
      }
    }
    double selfFirst = ballots.stream().mapToInt(Ballot::selfFirst).sum() / (double) n / votes;
    double all = IntStream.range(0, n).filter(right).count() / (double) n;
    System.out.printf(
        "%n%s, queries %s: %,d images, themselves first in %.1f %% of their votes, best other right"
            + " %.1f %%%n%-38s %7s %7s %7s %7s %5s%n",
        place, by, n, 100 * selfFirst, 100 * all, "", "open", "right", "closed", "less", "se");
    List<Set<Integer>> named = ballots.stream().map(ballot -> ballot.candidates(K)).toList();
    IntPredicate first = i -> ballots.get(i).gateOpen();
    IntPredicate namedBack = i -> named.get(best[i]).contains(i);
    IntPredicate bySome =
        i -> named.get(i).stream().anyMatch(j -> j != i && named.get(j).contains(i));
    split("the gate: itself first in all together", n, first, right);
    split("the best other names it back", n, namedBack, right);
    split("a candidate names it back", n, bySome, right);
    split("itself first, the best other names it", n, first.and(namedBack), right);
    split("itself first, a candidate names it", n, first.and(bySome), right);
    split("each other's best other", n, i -> best[best[i]] == i, right);
    halves("fewer candidates named", n, i -> -ballots.get(i).named(), right);
    halves("best other in more votes", n, i -> ballots.get(i).times(best[i]), right);
    halves("best other more similar", n, i -> ballots.get(i).similarity(best[i]), right);
    halves("best other named by fewer", n, i -> -namedBy[best[i]], right);
  }

  /** Splits where about half of the images are on either side. */
  private static void halves(String sign, int n, IntToDoubleFunction value, IntPredicate right) {
    double[] sorted = IntStream.range(0, n).mapToDouble(value).sorted().toArray();
    double median = sorted[n / 2];
    boolean above = Arrays.stream(sorted).filter(each -> each >= median).count() > 0.8 * n;
    split(
        sign,
        n,
        image -> above ? value.applyAsDouble(image) > median : value.applyAsDouble(image) >= median,
        right);
  }

  private static void split(String sign, int n, IntPredicate open, IntPredicate right) {
    long opened = IntStream.range(0, n).filter(open).count();
    if (opened == 0 || opened == n) {
      System.out.printf("%-38s %7.1f %7s%n", sign, 100.0 * opened / n, "alike");
      return;
    }
    double inside = IntStream.range(0, n).filter(open).filter(right).count() / (double) opened;
    double outside =
        IntStream.range(0, n).filter(open.negate()).filter(right).count() / (double) (n - opened);
    double error = Math.sqrt(variance(inside, opened) + variance(outside, n - opened));
    System.out.printf(
        "%-38s %7.1f %7.1f %7.1f %+7.1f %5.1f%n",
        sign,
        100.0 * opened / n,
        100 * inside,
        100 * outside,
        100 * (inside - outside),
        100 * error);
  }

  private static double variance(double share, long count) {
    return share * (1 - share) / count;
  }
}
