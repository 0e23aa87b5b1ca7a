package stream.adasim.standalone.experiment;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.trainer.OfflineImage;
import stream.adasim.learner.trainer.OfflineTraining;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;
import stream.adasim.learner.weights.WeightsImport;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet.Division;

/**
 * One training of an experiment, from its checkpoint if there is one. It writes a checkpoint with
 * every measurement: interrupted and started again, it comes to the same result as one that ran
 * through, apart from the seconds.
 */
final class Run {
  private static final Logger log = LoggerFactory.getLogger(Run.class);
  private static final int POINTS = 10;
  private static final int KEPT = 2;
  private static final int AUGMENT_THREADS = 1;

  private final Plan plan;
  private final Arm arm;
  private final long seed;
  private final LearnerConfig learner;
  private final List<Example> images;
  private final Division judged;
  private final RunFolder folder;
  private final long steps;
  private final long between;

  /** The state of a run that is under way. */
  private static final class State {
    final List<Point> points = new ArrayList<>();
    double seconds;
    int arrived;
  }

  /**
   * @param images to learn from
   * @param judged the labelled images that every run is measured on
   */
  Run(Plan plan, Arm arm, long seed, List<Example> images, Division judged, RunFolder folder) {
    this.plan = plan;
    this.arm = arm;
    this.seed = seed;
    this.images = images;
    this.judged = judged;
    this.folder = folder;
    learner = arm.learner(seed, plan.threads());
    int batch = learner.training().batchSize();
    steps = plan.budget().steps(images.size(), batch);
    double pass = (double) images.size() / batch;
    between =
        plan.evaluatePasses() > 0 || steps == Long.MAX_VALUE
            ? Math.max(1, Math.round(Math.max(plan.evaluatePasses(), 1e-9) * pass))
            : Math.max(1, Math.ceilDiv(steps, POINTS));
    if (images.size() < batch) {
      throw new ExperimentException(
          "data holds "
              + images.size()
              + " images, a batch "
              + batch
              + ": give more images, or set train.batch-size lower");
    }
  }

  /** Steps that it takes, or the most that it could. */
  long steps() {
    return steps;
  }

  /**
   * Runs to the end or until it is to stop; then it is empty.
   *
   * @param stepped told the number of steps so far, after each and at the start
   */
  Optional<Outcome> run(BooleanSupplier stop, Consumer<Progress> stepped) throws IOException {
    List<OfflineImage> arrivals = arm.order().arrivals(images, seed);
    State state = new State();
    try (Kernels kernels = Backends.open(learner.backend(), plan.threads(), learner.precision());
        OfflineLoop loop = new OfflineLoop(learner, arm.indexer(), kernels, AUGMENT_THREADS)) {
      CheckpointStore checkpoints = new CheckpointStore(folder.checkpoints(), KEPT);
      Judge judge = new Judge(kernels, learner.architecture(), judged);
      begin(loop, checkpoints, state, arrivals);
      arrive(loop, arrivals, state);
      if (state.points.isEmpty()) {
        measure(loop, judge, state, new StepTally(), checkpoints);
      }
      try {
        if (!train(loop, judge, checkpoints, state, arrivals, stop, stepped)) {
          return Optional.empty();
        }
      } catch (IllegalStateException e) {
        // Such as a loss that is not finite: that is a result, too.
        log.warn("event=run.failed arm={} seed={} reason={}", arm.name(), seed, e.getMessage());
        return Optional.of(new Outcome(state.points, String.valueOf(e.getMessage())));
      }
      if (plan.keepModels()) {
        keep(loop.training());
      }
    }
    return Optional.of(new Outcome(state.points, null));
  }

  /** How far a run has come. */
  record Progress(Arm arm, long seed, long step, double knn) {}

  private boolean train(
      OfflineLoop loop,
      Judge judge,
      CheckpointStore checkpoints,
      State state,
      List<OfflineImage> arrivals,
      BooleanSupplier stop,
      Consumer<Progress> stepped)
      throws IOException {
    StepTally tally = new StepTally();
    while (!ended(loop, state)) {
      if (stop.getAsBoolean()) {
        return false;
      }
      arrive(loop, arrivals, state);
      StepTally open = tally;
      long began = System.nanoTime();
      loop.step(step -> open.add(step, loop.training()));
      state.seconds += (System.nanoTime() - began) / 1e9;
      if (due(loop.training().step()) || ended(loop, state)) {
        measure(loop, judge, state, tally, checkpoints);
        tally = new StepTally();
      }
      stepped.accept(new Progress(arm, seed, loop.training().step(), state.points.getLast().knn()));
    }
    return true;
  }

  /** Not so near the end that the last measurement would speak of hardly any steps. */
  private boolean due(long step) {
    return step % between == 0 && steps - step >= between / 2;
  }

  private boolean ended(OfflineLoop loop, State state) {
    return loop.training().step() >= steps
        || (plan.budget() instanceof Plan.Budget.Time(var time)
            && state.seconds >= time.toMillis() / 1000.0);
  }

  private void arrive(OfflineLoop loop, List<OfflineImage> arrivals, State state) {
    int batch = learner.training().batchSize();
    int due = arm.order().arrived(arrivals.size(), loop.training().step(), steps);
    // The first batch has to be there before the first step.
    while (state.arrived < Math.max(due, Math.min(batch, arrivals.size()))) {
      loop.training().put(arrivals.get(state.arrived++));
    }
  }

  private void measure(
      OfflineLoop loop, Judge judge, State state, StepTally tally, CheckpointStore checkpoints)
      throws IOException {
    int batch = learner.training().batchSize();
    state.points.add(judge.point(loop.training(), batch, state.seconds, tally));
    checkpoints.write(loop.training().step(), out -> save(loop, state, out));
    folder.curve(state.points);
  }

  private static void save(OfflineLoop loop, State state, DataOutputStream out) throws IOException {
    byte[] points = RunFolder.lines(state.points).getBytes(StandardCharsets.UTF_8);
    out.writeInt(points.length);
    out.write(points);
    out.writeDouble(state.seconds);
    out.writeInt(state.arrived);
    loop.save(out);
  }

  private void keep(OfflineTraining training) throws IOException {
    Model model =
        new Model(
            learner.architecture(),
            training.modelId(),
            0,
            training.step(),
            training.teacher(),
            null);
    WeightsExport.write(folder.model(), model, true, false);
  }

  /**
   * From its newest checkpoint, else from the weights that the plan names, else from its seed's.
   */
  private void begin(
      OfflineLoop loop, CheckpointStore checkpoints, State state, List<OfflineImage> arrivals)
      throws IOException {
    Path start = plan.start();
    if (!restore(loop, checkpoints, state, arrivals) && start != null) {
      float[] weights = WeightsImport.read(start, learner.architecture(), true, seed).weights();
      loop.training().startFrom(weights);
    }
  }

  private static boolean restore(
      OfflineLoop loop, CheckpointStore checkpoints, State state, List<OfflineImage> arrivals)
      throws IOException {
    Optional<Loaded> newest =
        checkpoints.newest(why -> log.warn("event=checkpoint.refused {}", why));
    if (newest.isEmpty()) {
      return false;
    }
    try (Loaded loaded = newest.get()) {
      DataInputStream in = loaded.body();
      byte[] points = new byte[in.readInt()];
      in.readFully(points);
      state.points.addAll(RunFolder.points(new String(points, StandardCharsets.UTF_8)));
      state.seconds = in.readDouble();
      state.arrived = in.readInt();
      loop.restore(in, arrivals);
    }
    return true;
  }
}
