package stream.adasim.learner.trainer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.adasim.Candidates;
import stream.adasim.learner.adasim.Choice;
import stream.adasim.learner.adasim.Neighbours;
import stream.adasim.learner.adasim.PartnerChooser;
import stream.adasim.learner.adasim.Peers;
import stream.adasim.learner.adasim.Temperature;
import stream.adasim.learner.adasim.Usage;
import stream.adasim.learner.adasim.Votes;
import stream.adasim.learner.health.Health;
import stream.adasim.learner.health.Indicator;
import stream.adasim.learner.health.Visited;
import stream.adasim.learner.models.ModelSnapshot;
import stream.adasim.learner.objective.SelfSupervision;
import stream.adasim.learner.objective.StepResult;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.settings.VoteViews;
import stream.adasim.learner.window.Manifest;
import stream.adasim.learner.window.ReplayWindow;
import stream.adasim.learner.window.WindowImage;

/**
 * AdaSim training on a replay window, without Kafka: images and neighbourhoods go in, visits come
 * out. The same calls give the same weights bit for bit, on one machine at one thread count; every
 * random choice of a step follows from the seed and the step's number. Not thread-safe.
 */
final class Training implements AutoCloseable {
  /** Separates the stream of numbers that a step's choices draw from those of other steps. */
  private static final long STEP_STRIDE = 0x9E3779B97F4A7C15L;

  private final LearnerConfig config;
  private final String modelId;
  private final SelfSupervision network;
  private final ReplayWindow window;
  private final Neighbours neighbours;
  private final PartnerChooser chooser;
  private final Usage usage = new Usage();
  private final Temperature temperature;
  private final Reach reach;
  private final int batchSize;
  private final Health health;

  /** Steps that a roll back took away; they were done, and their numbers are not used again. */
  private long discarded;

  /** Steps of the model before this training took it over; its own schedules begin at 0. */
  private long inherited;

  private long planned;

  /**
   * A freshly initialised network and an empty window.
   *
   * @param modelId name of the model that this training makes
   */
  Training(LearnerConfig config, Kernels kernels, String modelId) {
    this.config = config;
    this.modelId = modelId;
    LearnerConfig.Training training = config.training();
    batchSize = training.batchSize();
    network =
        new SelfSupervision(
            kernels, config.architecture(), Recipe.of(training), batchSize, config.seed());
    health =
        new Health(
            new Health.Watch(
                config.architecture().dim(),
                training.minVotes(),
                settlingSteps(training),
                maxEntropy(),
                config.healthActions()));
    window =
        new ReplayWindow(
            config.window().images(),
            config.window().bytes(),
            config.window().decodedBytes(),
            this::left,
            config.window().policy(),
            config.seed(),
            this::redundancy);
    neighbours = new Neighbours(modelId, window::get);
    chooser =
        new PartnerChooser(
            training.partner(), training.minVotes(), training.gate(), training.diversity(), usage);
    temperature = new Temperature(training.temperatures());
    reach = new Reach(training.minVotes());
  }

  private void left(WindowImage gone) {
    neighbours.forget(gone.id());
    health.forget(gone.id());
    reach.left(gone.visitsOfContent());
  }

  private OptionalDouble redundancy(WindowImage image) {
    Votes votes = neighbours.get(image.id());
    return votes == null ? OptionalDouble.empty() : votes.nearestOther(image, window::get);
  }

  /**
   * Until the learning rate is full, the prototypes move, and a teacher has seen three memories.
   */
  private static long settlingSteps(LearnerConfig.Training training) {
    boolean teacher = training.objective().hasTeacher();
    double memory = teacher ? 1 / Math.max(1e-6, 1 - training.momentum()) : 0;
    return Math.max(training.warmupSteps(), training.freezeLastLayerSteps())
        + (long) Math.ceil(3 * memory);
  }

  Health health() {
    return health;
  }

  ReplayWindow window() {
    return window;
  }

  String modelId() {
    return modelId;
  }

  /** Optimiser steps that this model has seen, those of earlier trainers included. */
  long step() {
    return inherited + discarded + network.step();
  }

  /**
   * Number of an image's visit, for the indexer, which counts each once. An image is visited once
   * per step at most, so a training that took a model over without knowing its images' visits
   * begins above all of them.
   */
  int visitNumber(WindowImage image) {
    return Math.toIntExact(inherited + image.visits());
  }

  /** Takes a record of the neighbours topic; null deletes. */
  void neighbourhood(String id, @Nullable Neighbourhood neighbourhood) {
    if (neighbours.put(id, neighbourhood)) {
      window.neighboursChanged(id);
      if (neighbourhood == null) {
        health.forget(id);
      } else {
        health.neighbourhood(id, neighbourhood);
      }
    }
  }

  /** The temperature of the step that is planned next. */
  double temperature() {
    return temperature.at(planned);
  }

  /** Whether the window holds enough images for a batch. */
  boolean ready() {
    return window.size() >= batchSize;
  }

  /** Draws the next batch and its partners. */
  List<Pair> plan() {
    RandomGenerator random = new SplittableRandom(config.seed() + ++planned * STEP_STRIDE);
    Peers peers = new WindowPeers(window, neighbours);
    double now = temperature.at(planned - 1);
    List<Pair> pairs = new ArrayList<>(batchSize);
    List<Candidates> open = new ArrayList<>();
    for (WindowImage image : window.nextBatch(batchSize, random)) {
      Votes votes = neighbours.get(image.id());
      if (temperature.adapts()) {
        Candidates candidates = chooser.candidates(image, votes, peers);
        if (candidates != null) {
          open.add(candidates);
        }
      }
      Choice choice =
          health.bootstrappingOff()
              ? chooser.alone(image, votes, peers)
              : chooser.choose(image, votes, peers, now, random);
      pairs.add(new Pair(image, choice, random.nextLong()));
    }
    temperature.adapt(open, batchSize);
    usage.passes(window.passes());
    return pairs;
  }

  /**
   * Trains on a batch.
   *
   * @throws IllegalStateException if the loss is not finite
   */
  Outcome run(Batch batch) {
    VoteViews votes = config.training().votes();
    int dim = config.architecture().dim();
    // The teacher as it is before this step's moving average: the memory stays comparable.
    float[] stored =
        votes == VoteViews.FAITHFUL ? null : network.features(batch.stored(), batchSize);
    float[] queries = votes == VoteViews.WEAK ? network.features(batch.query(), batchSize) : null;
    StepResult result = network.step(batch.first(), batch.second(), batch.local());
    float[] vectors = stored == null ? result.firstFeatures() : stored;
    List<Visit> visits = new ArrayList<>(batchSize);
    int gatesOpen = 0;
    int bootstrapped = 0;
    for (int i = 0; i < batchSize; i++) {
      Choice choice = batch.pairs().get(i).choice();
      gatesOpen += choice.gateOpen() ? 1 : 0;
      bootstrapped += choice.bootstrapped() ? 1 : 0;
      visits.add(
          new Visit(
              batch.pairs().get(i).image(),
              Arrays.copyOfRange(vectors, i * dim, (i + 1) * dim),
              queries == null
                  ? new float[0]
                  : Arrays.copyOfRange(queries, i * dim, (i + 1) * dim)));
    }
    boolean measured =
        health.stepped(
            step(),
            result,
            new Visited(
                batch.pairs().stream().map(Pair::image).toList(),
                batch.pairs().stream().map(Pair::choice).toList(),
                stored == null ? null : result.firstFeatures(),
                vectors,
                window.size()));
    if (measured) {
      temperature.miniEpoch(health.indicators().get(Indicator.QUALITY), !health.alarms().isEmpty());
    }
    network.temper(health.tempering());
    return new Outcome(result, visits, gatesOpen, bootstrapped);
  }

  /** The teacher now, as the snapshot of the given version. */
  ModelSnapshot snapshot(long version) {
    return new ModelSnapshot(
        modelId, version, step(), config.architecture(), network.teacherWeights());
  }

  /** ln K, the largest value that the entropies can take; NaN where the objective has none. */
  double maxEntropy() {
    return network.maxEntropy();
  }

  /**
   * Takes over another trainer's teacher, as teacher and as student. Moments and schedules start
   * anew, with their warm-up; only the count of steps goes on.
   */
  void takeOver(ModelSnapshot snapshot) {
    network.startFrom(snapshot.weights());
    inherited = snapshot.step();
    planned = snapshot.step();
  }

  /** Starts from other weights than the seed's, for teacher and student, at step 0. */
  void startFrom(float[] weights) {
    network.startFrom(weights);
  }

  /** Writes everything but the pixels. No batch may be planned and not yet run. */
  void save(DataOutput out) throws IOException {
    if (planned != step()) {
      throw new IllegalStateException(
          "step " + planned + " is planned, step " + step() + " was run: run it first");
    }
    out.writeLong(inherited + discarded);
    network.save(out);
    temperature.save(out);
    usage.save(out);
    window.save(out);
    out.writeLong(discarded);
    health.save(out);
  }

  /**
   * Reads what save wrote into this, which must be new. The window waits for its pixels from then
   * on until its refill is finished.
   */
  Manifest restore(DataInput in) throws IOException {
    inherited = in.readLong();
    network.restore(in);
    temperature.restore(in);
    usage.restore(in);
    planned = step();
    Manifest manifest = window.restore(in);
    discarded = in.readLong();
    inherited -= discarded;
    health.restore(in);
    network.temper(health.tempering());
    return manifest;
  }

  /**
   * Takes the network back to what save wrote, of this model. The window, the numbers of visits and
   * the count of steps go on, so that nothing that was published is published again. Health keeps
   * what is in force.
   */
  void rollBack(DataInput in) throws IOException {
    in.readLong();
    long before = network.step();
    network.restore(in);
    discarded += before - network.step();
  }

  @Override
  public void close() {
    network.close();
  }
}
