package stream.adasim.standalone.experiment;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.standalone.evaluate.Intervals;
import stream.adasim.standalone.evaluate.Intervals.Interval;
import stream.adasim.standalone.experiment.Experiment.Finished;
import stream.adasim.standalone.experiment.Experiment.Machine;
import stream.adasim.standalone.picture.Bars;
import stream.adasim.standalone.picture.Lines;
import stream.adasim.standalone.picture.Page;
import stream.adasim.standalone.picture.Text;

/** The page that an experiment ends in. */
public final class ExperimentReport {
  private final Plan plan;
  private final Experiment experiment;
  private final Machine machine;
  private final Results results;
  private final int ended;

  /**
   * @param runs that have ended, all or some
   */
  public ExperimentReport(Plan plan, Experiment experiment, Machine machine, List<Finished> runs) {
    this.plan = plan;
    this.experiment = experiment;
    this.machine = machine;
    this.results = new Results(runs);
    this.ended = runs.size();
  }

  /** What it all comes to, in words. */
  public List<String> verdict() {
    return new Verdict(results, machine.rawPixels(), plan.beginning()).sentences();
  }

  /** The page. */
  public String html(LocalDate today) {
    Page page = new Page(plan.name());
    int all = plan.arms().size() * plan.seeds().size();
    page.note(
        String.format(
            Locale.ROOT,
            "%s. %d of %d runs: %d arms, seeds %s. %,d images to learn from, %,d of them to compare with, %,d held out, %d classes; %s.",
            today,
            ended,
            all,
            plan.arms().size(),
            plan.seeds(),
            experiment.images(),
            experiment.data().bank().images().size(),
            experiment.data().heldOut().images().size(),
            experiment.data().classes().size(),
            budget()));
    page.heading("What it says").verdict(verdict());
    if (!results.arms().isEmpty()) {
      accuracy(page);
      curves(page);
      cost(page);
      if (results.arms().stream().anyMatch(arm -> arm.order() != StreamOrder.AT_ONCE)) {
        streams(page);
      }
      table(page);
    }
    failures(page);
    page.heading("How it was made");
    page.paragraph("Arithmetic: " + machine.arithmetic() + ".");
    page.paragraph(
        "Accuracy is that of weighted nearest neighbours (k = 20, T = 0.07) of the teacher's features"
            + " without augmentation, on the held-out images. Intervals are Student's, 95 %, over"
            + " seeds; differences are paired by seed and not corrected for the number of"
            + " comparisons. Runs of one seed share initial weights and the order of the images.");
    page.verbatim(plan.text());
    return page.html();
  }

  private String budget() {
    return switch (plan.budget()) {
      case Plan.Budget.Steps(long steps) -> steps + " steps a run";
      case Plan.Budget.Passes(double passes) -> Text.number(passes, 1) + " visits per image";
      case Plan.Budget.Time(var time) -> time.toSeconds() + " s of training a run";
    };
  }

  private void accuracy(Page page) {
    page.heading("Accuracy at the end");
    Bars bars = new Bars("% right");
    int series = 0;
    for (Arm arm : results.arms()) {
      add(bars, "Arms", arm.name(), results.accuracy(arm), series++);
    }
    Interval beginning =
        results.mean(results.arms().getFirst(), outcome -> outcome.points().getFirst().knn());
    add(bars, "To compare with", plan.beginning(), beginning, 6);
    add(
        bars,
        "To compare with",
        "raw pixels",
        Intervals.mean(new double[] {machine.rawPixels()}),
        6);
    page.picture(bars.svg());
  }

  private static void add(Bars bars, String group, String name, Interval share, int series) {
    bars.add(group, name, 100 * share.value(), 100 * share.low(), 100 * share.high(), series);
  }

  private void curves(Page page) {
    page.heading("On the way");
    List<Lines> all = new ArrayList<>();
    all.add(
        lines("Accuracy on the held-out images, %", point -> 100 * point.knn())
            .level("raw pixels", 100 * machine.rawPixels()));
    all.add(lines("Loss", Point::loss));
    all.add(lines("Gate open, % of visits", point -> percent(point.gateRate())));
    all.add(lines("Partner is another image, % of visits", point -> percent(point.bootstrapped())));
    all.add(lines("Partners of the right class, %", point -> percent(point.partners())));
    all.add(
        lines(
            "Best other candidate right: gated less not gated, points",
            point ->
                percent(Results.difference(point.gatedCandidates(), point.otherCandidates()))));
    all.add(
        lines(
            "Best other candidate right: reciprocal less one-sided, points",
            point ->
                percent(
                    Results.difference(point.reciprocalCandidates(), point.oneSidedCandidates()))));
    all.add(lines("RankMe", Point::rankMe));
    all.add(lines("Alignment (lower is closer)", Point::alignment));
    all.add(lines("Uniformity (lower is more even)", Point::uniformity));
    all.add(lines("Teacher's entropy, nats", Point::teacherEntropy));
    page.pictures(all.stream().filter(lines -> !lines.isEmpty()).map(Lines::svg).toList());
  }

  private static @Nullable Double percent(@Nullable Double share) {
    return share == null ? null : 100 * share;
  }

  /** Means over the seeds at each measurement that all of them reached. */
  private Lines lines(String title, Function<Point, @Nullable Double> figure) {
    Lines lines = new Lines(title, "passes");
    for (Arm arm : results.arms()) {
      List<Outcome> outcomes = results.of(arm);
      int shortest = outcomes.stream().mapToInt(run -> run.points().size()).min().orElse(0);
      List<Lines.Point> points = new ArrayList<>();
      for (int i = 0; i < shortest; i++) {
        int at = i;
        Interval mean = results.meanKnown(arm, run -> figure.apply(run.points().get(at)));
        if (mean != null) {
          double passes = results.mean(arm, run -> images(run.points().get(at))).value();
          points.add(new Lines.Point(passes, mean.value(), mean.low(), mean.high()));
        }
      }
      lines.add(arm.name(), points);
    }
    return lines;
  }

  /** Visits per image of the data, whatever the window held of them. */
  private double images(Point point) {
    return (double) point.images() / experiment.images();
  }

  private void cost(Page page) {
    page.heading("Cost against gain");
    List<List<String>> rows = new ArrayList<>();
    for (Arm arm : results.arms()) {
      Interval gain = results.mean(arm, run -> run.last().knn() - run.points().getFirst().knn());
      double seconds = results.mean(arm, run -> run.last().seconds()).value();
      double images = results.mean(arm, run -> run.last().images()).value();
      rows.add(
          List.of(
              arm.name(),
              Text.number(seconds, 1),
              String.format(Locale.ROOT, "%,.0f", images),
              String.format(Locale.ROOT, "%,.0f", images / Math.max(1e-9, seconds)),
              String.format(Locale.ROOT, "%,d", parameters(arm)),
              interval(gain, 100, 1),
              Text.number(100 * gain.value() / Math.max(1e-9, seconds / 60), 2)));
    }
    page.table(
        List.of(
            "arm",
            "training, s",
            "visits",
            "visits/s",
            "parameters",
            "gain over the " + plan.beginning() + ", points",
            "points per minute"),
        rows);
    page.note(
        "Seconds are of training alone, with "
            + plan.parallel()
            + " runs at a time on "
            + plan.threads()
            + " thread(s) each.");
  }

  private static long parameters(Arm arm) {
    return new ParameterLayout(arm.learner(1, 1).architecture()).size();
  }

  private void streams(Page page) {
    page.heading("The stream");
    List<List<String>> rows = new ArrayList<>();
    for (Arm arm : results.arms()) {
      Interval average =
          results.mean(
              arm,
              run -> run.points().stream().skip(1).mapToDouble(Point::knn).average().orElse(0));
      rows.add(
          List.of(
              arm.name(),
              arm.order().text(),
              interval(results.accuracy(arm), 100, 1),
              interval(average, 100, 1),
              interval(results.mean(arm, Outcome::forgetting), 100, 1)));
    }
    page.table(
        List.of("arm", "order", "accuracy at the end, %", "on average, %", "forgetting, points"),
        rows);
    page.note(
        "On average: the mean of the measurements on the way, that of the "
            + plan.beginning()
            + " left out."
            + " Forgetting (Chaudhry et al. 2018): how much worse a class is at the end than at its"
            + " best, the mean over classes.");
  }

  private void table(Page page) {
    page.heading("Partners and indicators at the end");
    List<List<String>> rows = new ArrayList<>();
    for (Arm arm : results.arms()) {
      rows.add(
          List.of(
              arm.name(),
              known(arm, run -> run.last().gateRate(), 100, 1),
              known(arm, run -> run.last().bootstrapped(), 100, 1),
              known(arm, run -> run.last().partners(), 100, 1),
              known(arm, run -> run.last().gatedCandidates(), 100, 1),
              known(arm, run -> run.last().otherCandidates(), 100, 1),
              known(arm, Results::selection, 100, 1),
              known(arm, Results::reciprocity, 100, 1),
              known(arm, run -> run.last().rankMe(), 1, 1),
              known(arm, run -> run.last().loss(), 1, 3)));
    }
    page.table(
        List.of(
            "arm",
            "gate open, %",
            "other partner, %",
            "partners right, %",
            "best other candidate right, gated, %",
            "not gated, %",
            "gated less not gated, whole run, points",
            "reciprocal less one-sided, whole run, points",
            "RankMe",
            "loss"),
        rows);
    page.note(
        "Reciprocal: the best other candidate has the image among its own candidates, too, which"
            + " train.gate=mutual asks before a gate opens and train.reciprocal of every partner;"
            + " one-sided: it has not.");
  }

  private String known(
      Arm arm, Function<Outcome, @Nullable Double> figure, double scale, int decimals) {
    Interval mean = results.meanKnown(arm, figure);
    return mean == null ? "-" : interval(mean, scale, decimals);
  }

  private static String interval(Interval mean, double scale, int decimals) {
    String value = Text.number(scale * mean.value(), decimals);
    return mean.bounded()
        ? value + " ± " + Text.number(scale * (mean.high() - mean.value()), decimals)
        : value;
  }

  private void failures(Page page) {
    if (results.failed().isEmpty()) {
      return;
    }
    page.heading("Runs that broke off");
    page.table(
        List.of("arm", "seed", "why"),
        results.failed().stream()
            .map(
                run ->
                    List.of(
                        run.arm().name(),
                        Long.toString(run.seed()),
                        String.valueOf(run.outcome().failure())))
            .toList());
  }
}
