package stream.adasim.standalone.experiment;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Precision;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Fingerprint;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet;
import stream.adasim.standalone.labelled.ImageSet.Division;

/**
 * All runs of a plan, several at a time, each on threads of its own. What a folder holds of an
 * earlier start is not run again: finished runs stay, others go on from their checkpoints.
 */
public final class Experiment {
  private final Plan plan;
  private final Path folder;
  private final Division data;
  private final Division judged;
  private final Map<String, Computing> computing = new HashMap<>();

  /** One run's place in the grid, and what it came to. */
  public record Finished(Arm arm, long seed, Outcome outcome) {}

  /**
   * Reads the data.
   *
   * @param folder of all that the experiment writes
   */
  public Experiment(Plan plan, Path folder) {
    this.plan = plan;
    this.folder = folder;
    int size =
        plan.arms().stream()
            .mapToInt(arm -> arm.learner(1, 1).architecture().imageSize())
            .max()
            .orElseThrow();
    ImageSet all =
        ImageSet.read(plan.data(), plan.dataImages(), DecodeLimits.DEFAULT, size)
            .withSources(plan.sourceFolder());
    data = divide(all, size);
    ImageSet bank = data.bank().labelled();
    int most = Math.min(plan.bankImages(), bank.images().size());
    judged =
        new Division(
            new ImageSet(bank.place(), bank.images().subList(0, most), 0),
            data.heldOut().labelled());
    if (most == 0 || judged.heldOut().images().isEmpty()) {
      throw new ExperimentException(
          plan.data()
              + " and "
              + plan.heldOut()
              + ": without labelled images in both there is nothing to compare by; the folder that"
              + " an image lies in is its label");
    }
  }

  private Division divide(ImageSet all, int size) {
    try {
      double share = Double.parseDouble(plan.heldOut());
      if (!(share > 0 && share < 1)) {
        throw new ExperimentException(
            "held-out=" + plan.heldOut() + " must be a place, or a share between 0 and 1");
      }
      Division parts = all.divide(share);
      int most = Math.min(plan.heldOutImages(), parts.heldOut().images().size());
      return new Division(
          parts.bank(), new ImageSet(all.place(), parts.heldOut().images().subList(0, most), 0));
    } catch (NumberFormatException _) {
      return new Division(
          all, ImageSet.read(plan.heldOut(), plan.heldOutImages(), DecodeLimits.DEFAULT, size));
    }
  }

  /** What all runs learn from and are measured on. */
  public Division data() {
    return judged;
  }

  /** Images that all runs learn from. */
  public int images() {
    return data.bank().images().size();
  }

  /** Accuracy of the pixels themselves, and a line about what computes in the runs. */
  public Machine machine() {
    String arithmetic =
        plan.arms().stream()
            .map(arm -> computing(arm).described())
            .distinct()
            .collect(Collectors.joining("; "));
    try (Kernels kernels = Backends.open("auto", plan.threads())) {
      return new Machine(Judge.rawPixels(kernels, judged), arithmetic);
    }
  }

  /** What computes in an arm's runs here. */
  private Computing computing(Arm arm) {
    LearnerConfig learner = arm.learner(1, plan.threads());
    return computing.computeIfAbsent(
        learner.backend() + " " + learner.precision(),
        _ -> {
          try (Kernels kernels =
              Backends.open(learner.backend(), plan.threads(), learner.precision())) {
            return new Computing(kernels.describe(), kernels.precision());
          }
        });
  }

  private record Computing(String described, Precision precision) {}

  /**
   * What the report says of the data and of the machine.
   *
   * @param rawPixels accuracy of the pixels themselves
   */
  public record Machine(double rawPixels, String arithmetic) {}

  /**
   * Runs what is not finished.
   *
   * @param stop asked after every step: what is under way then is left at its last checkpoint
   * @param shown told now and then how far it is
   * @return all runs that have ended, in the order of the grid
   */
  public List<Finished> run(BooleanSupplier stop, Consumer<String> shown) throws IOException {
    Path runs = Files.createDirectories(folder.resolve("runs"));
    Map<String, String> dataIdentity = dataIdentity();
    List<Finished> finished = new ArrayList<>();
    List<Future<Optional<Finished>>> pending = new ArrayList<>();
    Timeline timeline = new Timeline(shown);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            plan.parallel(), Thread.ofPlatform().name("adasim-run-", 0).factory())) {
      // Seed by seed, so that an experiment that is cut short has compared all arms.
      for (long seed : plan.seeds()) {
        for (Arm arm : plan.arms()) {
          RunFolder place = RunFolder.of(runs, arm, seed, identity(arm, seed, dataIdentity));
          Optional<Outcome> known = place.result();
          if (known.isPresent()) {
            finished.add(new Finished(arm, seed, known.get()));
          } else {
            Run run = new Run(plan, arm, seed, data.bank().images(), judged, place);
            timeline.expect(run);
            pending.add(threads.submit(() -> one(run, arm, seed, place, stop, timeline)));
          }
        }
      }
      timeline.begin(finished.size());
      for (Future<Optional<Finished>> run : pending) {
        result(run).ifPresent(finished::add);
      }
    }
    finished.sort(
        java.util.Comparator.<Finished>comparingInt(run -> plan.arms().indexOf(run.arm()))
            .thenComparingInt(run -> plan.seeds().indexOf(run.seed())));
    return finished;
  }

  private static Optional<Finished> one(
      Run run, Arm arm, long seed, RunFolder place, BooleanSupplier stop, Timeline timeline)
      throws IOException {
    if (stop.getAsBoolean()) {
      return Optional.empty();
    }
    Optional<Outcome> outcome = run.run(stop, timeline::stepped);
    if (outcome.isPresent()) {
      place.finish(outcome.get());
      timeline.ended();
    }
    return outcome.map(result -> new Finished(arm, seed, result));
  }

  private static Optional<Finished> result(Future<Optional<Finished>> run) throws IOException {
    try {
      return run.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException failure -> throw failure;
        case IOException failure -> throw failure;
        case null, default -> throw new IllegalStateException("a run failed", e.getCause());
      }
    }
  }

  private Map<String, String> identity(Arm arm, long seed, Map<String, String> dataIdentity) {
    Map<String, String> identity = new LinkedHashMap<>(dataIdentity);
    // Where a later version has another default, its runs are other runs.
    identity.putAll(Arm.defaults());
    identity.putAll(arm.settings());
    // Not what was asked for: with auto, another machine may compute in another.
    identity.put("compute.precision", computing(arm).precision().name().toLowerCase(Locale.ROOT));
    identity.put("seed", Long.toString(seed));
    identity.put("threads", Integer.toString(plan.threads()));
    identity.put("budget", plan.budget().toString());
    identity.put("evaluate.passes", Double.toString(plan.evaluatePasses()));
    return identity;
  }

  private Map<String, String> dataIdentity() throws IOException {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("data", plan.data());
    if (plan.sourceFolder() > 0) {
      identity.put("data.source-folder", Integer.toString(plan.sourceFolder()));
    }
    identity.put("data.digest", digest(data.bank().images()));
    identity.put("bank.digest", digest(judged.bank().images()));
    identity.put("held-out.digest", digest(judged.heldOut().images()));
    Path start = plan.start();
    if (start != null) {
      ByteBuffer weights = ByteBuffer.wrap(Files.readAllBytes(start));
      identity.put("start.digest", Long.toHexString(Fingerprint.of(weights)));
    }
    return identity;
  }

  private static String digest(List<Example> images) {
    ByteBuffer fingerprints = ByteBuffer.allocate(12 * images.size());
    images.forEach(
        image ->
            fingerprints
                .putInt(image.id().hashCode())
                .putLong(Fingerprint.of(ByteBuffer.wrap(image.bytes()))));
    return Long.toHexString(Fingerprint.of(fingerprints.flip()));
  }

  /** How far all runs are, and how long the rest will take. */
  private static final class Timeline {
    private static final Duration EVERY = Duration.ofSeconds(5);

    private final Consumer<String> shown;
    private final Map<String, Long> at = new LinkedHashMap<>();
    private long expected;
    private long done;
    private int runs;
    private int ended;
    private boolean endless;
    private long began;
    private long last;

    Timeline(Consumer<String> shown) {
      this.shown = shown;
    }

    synchronized void expect(Run run) {
      runs++;
      endless |= run.steps() == Long.MAX_VALUE;
      expected += endless ? 0 : run.steps();
      began = System.nanoTime();
    }

    synchronized void begin(int known) {
      runs += known;
      ended += known;
      shown.accept("%d runs, %d of them finished before".formatted(runs, known));
    }

    synchronized void stepped(Run.Progress progress) {
      String key = progress.arm().name() + " seed " + progress.seed();
      Long before = at.put(key, progress.step());
      // A run that goes on from a checkpoint has not done those steps now.
      done += before == null ? 1 : progress.step() - before;
      expected -= before == null ? progress.step() - 1 : 0;
      long now = System.nanoTime();
      if (now - last >= EVERY.toNanos()) {
        last = now;
        double left = (double) (now - began) / done * (expected - done) / 1e9;
        shown.accept(
            "%d of %d runs done | %s: step %,d, kNN %.1f %% | %s left"
                .formatted(
                    ended,
                    runs,
                    key,
                    progress.step(),
                    100 * progress.knn(),
                    endless ? "unknown time" : time(left)));
      }
    }

    synchronized void ended() {
      ended++;
      shown.accept("%d of %d runs done".formatted(ended, runs));
    }

    private static String time(double seconds) {
      long whole = Math.round(Math.max(0, seconds));
      return whole < 90 ? whole + " s" : Math.round(whole / 60.0) + " min";
    }
  }

  /** Fails where a folder can't be written, before hours have gone by. */
  public static void requireWritable(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!Files.isWritable(folder)) {
      throw new ExperimentException(folder + " can't be written to; choose another --out");
    }
  }
}
