package stream.adasim.standalone.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.standalone.experiment.Experiment.Finished;

class ExperimentTest {
  private static final String GRID =
      """
      name = small <grid>
      data = synthetic:60
      held-out = 0.34
      steps = 12
      evaluate.passes = 0.5
      seeds = 1, 2
      model.image-size = 8
      model.patch-size = 4
      model.prototypes = 16
      train.batch-size = 8
      train.min-votes = 1
      train.votes = clean
      grid.train.partner = self, adasim + train.temperature=1
      """;

  @TempDir Path folder;
  private Plan plan;

  @BeforeEach
  void read() throws IOException {
    plan = read(GRID);
  }

  private Plan read(String text) throws IOException {
    Path file = folder.resolve("grid.properties");
    Files.writeString(file, text);
    return Plan.read(file);
  }

  private static List<Finished> run(Plan plan, Path out) throws IOException {
    return new Experiment(plan, out).run(() -> false, line -> {});
  }

  /** What a run came to, without how long it took. */
  private static List<Point> withoutSeconds(Outcome outcome) {
    return outcome.points().stream()
        .map(
            p ->
                new Point(
                    p.step(),
                    p.passes(),
                    p.images(),
                    0,
                    p.knn(),
                    p.heldOut(),
                    p.classes(),
                    p.rankMe(),
                    p.alignment(),
                    p.uniformity(),
                    p.loss(),
                    p.teacherEntropy(),
                    p.batchEntropy(),
                    p.gateRate(),
                    p.bootstrapped(),
                    p.partners(),
                    p.gatedCandidates(),
                    p.otherCandidates(),
                    p.reciprocalCandidates(),
                    p.oneSidedCandidates()))
        .toList();
  }

  private static List<List<Point>> points(List<Finished> runs) {
    return runs.stream().map(run -> withoutSeconds(run.outcome())).toList();
  }

  @Test
  void aFolderNamesTheSourceWhoseOtherImagesAreRefused() throws IOException {
    Random random = new Random(1);
    for (int i = 0; i < 60; i++) {
      BufferedImage drawn = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
      drawn.setRGB(0, 0, 8, 8, random.ints(64, 0, 1 << 24).toArray(), 0, 8);
      Path file = folder.resolve("seen/camera-%d/thing-%d/%d.png".formatted(i % 2, i % 3, i));
      Files.createDirectories(file.getParent());
      ImageIO.write(drawn, "png", file.toFile());
    }
    String refused =
        GRID.replace("synthetic:60", folder.resolve("seen").toString())
                .replace("self, adasim + train.temperature=1", "nearest")
            + "memory.same-source-gap = 1d\n";

    assertThat(run(read(refused), folder.resolve("one")))
        .as("all are of the source that data names")
        .allSatisfy(run -> assertThat(run.outcome().last().bootstrapped()).isZero());
    assertThat(run(read(refused + "data.source-folder = 2\n"), folder.resolve("two")))
        .allSatisfy(run -> assertThat(run.outcome().last().bootstrapped()).isPositive());
  }

  @Test
  void theLastMeasurementSpeaksOfNoFewStepsAlone() throws IOException {
    Plan uneven = read(GRID.replace("steps = 12", "steps = 13").replace("0.5", "1"));

    assertThat(run(uneven, folder.resolve("uneven")).getFirst().outcome().points())
        .extracting(Point::step)
        .containsExactly(0L, 5L, 10L, 13L);
    Plan nearly = read(GRID.replace("steps = 12", "steps = 11").replace("0.5", "1"));
    assertThat(run(nearly, folder.resolve("nearly")).getFirst().outcome().points())
        .extracting(Point::step)
        .containsExactly(0L, 5L, 11L);
  }

  @Test
  void runsComputeInThePrecisionThatIsAskedForAndTheReportSaysSo() throws IOException {
    String self = GRID.replace("self, adasim + train.temperature=1", "self");
    Plan exact = read(self + "compute.precision = fp32\n");
    Plan automatic = read(self + "compute.precision = auto\n");
    String exactly = new Experiment(exact, folder.resolve("exact")).machine().arithmetic();
    String automatically = new Experiment(automatic, folder.resolve("auto")).machine().arithmetic();

    assertThat(exactly).contains("float32: asked for");
    assertThat(automatically).doesNotContain("asked for");
    boolean alike = automatically.contains("float32");
    Path out = folder.resolve("both");
    assertThat(points(run(exact, out)).equals(points(run(automatic, out))))
        .as(automatically)
        .isEqualTo(alike);
    // Two seeds, which the second plan finds finished only if they were computed as it would.
    try (Stream<Path> folders = Files.list(out.resolve("runs"))) {
      assertThat(folders).as(automatically).hasSize(alike ? 2 : 4);
    }
  }

  @Test
  void runsTheWholeGridInItsOrderWithACurveEach() throws IOException {
    List<Finished> runs = run(plan, folder.resolve("out"));

    assertThat(runs)
        .extracting(run -> run.arm().name() + " " + run.seed())
        .containsExactly("self 1", "self 2", "adasim temperature 1 1", "adasim temperature 1 2");
    for (Finished run : runs) {
      assertThat(run.outcome().points())
          .extracting(Point::step)
          .containsExactly(0L, 3L, 6L, 9L, 12L);
      assertThat(run.outcome().last().loss()).isPositive();
      assertThat(run.outcome().points())
          .as("some best other candidate has the image among its own")
          .anySatisfy(point -> assertThat(point.reciprocalCandidates()).isBetween(0.0, 1.0));
    }
    assertThat(runs.getLast().outcome().last().bootstrapped()).isPositive();
    assertThat(runs.getLast().outcome().last().partners()).isNotNull();
    assertThat(runs.getFirst().outcome().last().bootstrapped()).isZero();
    try (Stream<Path> folders = Files.list(folder.resolve("out/runs"))) {
      for (Path place : folders.toList()) {
        assertThat(place.resolve("curve.jsonl")).content().hasLineCount(5);
        assertThat(place.resolve("run.properties"))
            .as("whatever the result depends on, what is left to defaults included")
            .content()
            .contains("train.gate=mutual\n", "memory.top-k=10\n", "window.policy=fifo\n");
        assertThat(place.resolve("checkpoints")).doesNotExist();
      }
    }
  }

  @Test
  void interruptedAndStartedAgainComesToTheSame() throws IOException {
    List<List<Point>> whole = points(run(plan, folder.resolve("whole")));
    Path out = folder.resolve("interrupted");
    List<Finished> runs = new ArrayList<>();
    int starts = 0;
    while (runs.size() < 4) {
      AtomicInteger asked = new AtomicInteger();
      runs = new Experiment(plan, out).run(() -> asked.incrementAndGet() > 13, line -> {});
      starts++;
    }

    assertThat(starts).as("starts until all had ended").isGreaterThan(2);
    assertThat(points(runs)).isEqualTo(whole);
  }

  @Test
  void startsFromTheModelThatAnotherExperimentKept() throws IOException {
    String one = GRID.replace("seeds = 1, 2", "seeds = 1").replace("self, adasim", "adasim");
    List<Finished> base = run(read(one + "keep-models = true\n"), folder.resolve("base"));
    Path model;
    try (Stream<Path> files = Files.walk(folder.resolve("base"))) {
      model = files.filter(file -> file.endsWith("teacher.safetensors")).findFirst().orElseThrow();
    }

    List<Finished> next = run(read(one + "start = " + model + "\n"), folder.resolve("next"));

    Point last = base.getFirst().outcome().last();
    Point first = next.getFirst().outcome().points().getFirst();
    assertThat(first.knn()).isEqualTo(last.knn());
    assertThat(first.rankMe()).isEqualTo(last.rankMe());
    assertThat(first.step()).isZero();
  }

  @Test
  void finishedRunsAreNotRepeatedAndNewOnesAreAdded() throws IOException {
    Path out = folder.resolve("out");
    List<Finished> first = run(plan, out);

    List<Finished> again = run(read(GRID.replace("self, adasim", "self, nearest, adasim")), out);

    assertThat(again).hasSize(6);
    assertThat(again).extracting(Finished::outcome).containsAll(outcomes(first));
  }

  private static List<Outcome> outcomes(List<Finished> runs) {
    return runs.stream().map(Finished::outcome).toList();
  }

  @Test
  void aStreamThatComesClassByClassIsJudgedByForgettingToo() throws IOException {
    Plan stream =
        read(
            GRID.replace("seeds = 1, 2", "seeds = 1").replace("self, adasim", "adasim")
                + "grid.stream.order = shuffled, class-by-class\nwindow.images = 12\n");
    Path out = folder.resolve("out");
    Experiment experiment = new Experiment(stream, out);
    List<Finished> runs = experiment.run(() -> false, line -> {});
    String html =
        new ExperimentReport(stream, experiment, experiment.machine(), runs)
            .html(LocalDate.of(2026, 11, 28));

    assertThat(runs).hasSize(2);
    assertThat(runs).allSatisfy(run -> assertThat(run.outcome().forgetting()).isBetween(0.0, 1.0));
    assertThat(html).contains("forgetting, points", "class-by-class");
  }

  @Test
  void theReportNeedsNothingFromOutside() throws IOException {
    Experiment experiment = new Experiment(plan, folder.resolve("out"));
    List<Finished> runs = experiment.run(() -> false, line -> {});
    String html =
        new ExperimentReport(plan, experiment, experiment.machine(), runs)
            .html(LocalDate.of(2026, 11, 28));

    assertThat(html)
        .doesNotContain("http:", "https:", "src=", "href=", "@import", "url(", "<script", "NaN")
        .contains("small &lt;grid&gt;", "<svg", "What it says", "4 of 4 runs");
  }
}
