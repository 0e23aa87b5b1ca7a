package stream.adasim.learner.health;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.adasim.Choice;
import stream.adasim.learner.objective.StepResult;
import stream.adasim.learner.window.WindowImage;

/**
 * A pass over the window, of {@link #LEAST_STEPS} steps at least: sums over all its steps, and the
 * features and retrievals of at most {@link #SAMPLE} of its images. The first one of a training has
 * just so many steps: it shows the network as it began. Not thread-safe.
 */
final class MiniEpoch {
  static final int SAMPLE = 2048;
  static final int LEAST_STEPS = 16;
  private static final int PAIRS = 16_384;

  /** Images of which a share is formed at least; fewer say nothing. */
  static final int LEAST_IMAGES = 32;

  private static final Indicator[] SUMS = {
    Indicator.LOSS,
    Indicator.TEACHER_ENTROPY,
    Indicator.BATCH_ENTROPY,
    Indicator.BOOTSTRAPPED,
    Indicator.SELF_RANK_ONE,
    Indicator.SELF_FIRST,
    Indicator.SELF_MARGIN,
    Indicator.VOTE_AGREEMENT,
    Indicator.ALIGNMENT,
    Indicator.PARTNER_LABELS
  };

  private final int dim;
  private final int minVotes;
  private final boolean beginning;
  private final Map<Indicator, Mean> means = new EnumMap<>(Indicator.class);
  private float[] features = new float[0]; // grows to (SAMPLE, D)
  private final int[] hubness = new int[SAMPLE];
  private int rows;
  private int hubs;
  private int steps;
  private long visited;
  private int windowImages;

  /**
   * @param minVotes votes from which on the sum of an image's votes counts
   * @param beginning whether it is a training's first
   */
  MiniEpoch(int dim, int minVotes, boolean beginning) {
    this.dim = dim;
    this.minVotes = minVotes;
    this.beginning = beginning;
  }

  private Mean mean(Indicator indicator) {
    return means.computeIfAbsent(indicator, unknown -> new Mean());
  }

  private void add(Indicator indicator, double value) {
    mean(indicator).add(value);
  }

  /** Counts a step. */
  void add(StepResult result, Visited batch, Function<String, @Nullable Retrieval> retrievals) {
    int images = batch.images().size();
    windowImages = steps == 0 ? batch.windowImages() : windowImages;
    steps++;
    visited += images;
    add(Indicator.LOSS, result.loss());
    add(Indicator.TEACHER_ENTROPY, result.teacherEntropy());
    add(Indicator.BATCH_ENTROPY, result.batchEntropy());
    for (int i = 0; i < images; i++) {
      partner(batch.images().get(i), batch.choices().get(i));
    }
    // A batch is in random order, so that its first rows are a random sample.
    long share = beginning ? images : (long) SAMPLE * images / Math.max(1, windowImages) + 1;
    int taken = (int) Math.min(Math.min(share, images), SAMPLE - rows);
    for (int i = 0; i < taken; i++) {
      sample(batch, i, retrievals.apply(batch.images().get(i).id()));
    }
  }

  private void partner(WindowImage image, Choice choice) {
    add(Indicator.BOOTSTRAPPED, choice.bootstrapped() ? 1 : 0);
    String label = image.label();
    String other = choice.partner().label();
    if (choice.bootstrapped() && label != null && other != null) {
      add(Indicator.PARTNER_LABELS, label.equals(other) ? 1 : 0);
    }
  }

  private void sample(Visited batch, int i, @Nullable Retrieval retrieval) {
    if ((rows + 1) * dim > features.length) {
      features = Arrays.copyOf(features, Math.min(SAMPLE, Math.max(256, 2 * rows)) * dim);
    }
    System.arraycopy(batch.vectors(), i * dim, features, rows * dim, dim);
    rows++;
    float[] first = batch.first();
    if (first != null) {
      add(Indicator.ALIGNMENT, Geometry.squaredDistance(first, i, batch.vectors(), i, dim));
    }
    if (retrieval == null || retrieval.fingerprint() != batch.images().get(i).fingerprint()) {
      return;
    }
    add(Indicator.SELF_RANK_ONE, retrieval.selfRankOne() ? 1 : 0);
    add(Indicator.VOTE_AGREEMENT, retrieval.agreement());
    if (retrieval.votes() >= minVotes) {
      add(Indicator.SELF_FIRST, retrieval.selfFirst() ? 1 : 0);
      add(Indicator.SELF_MARGIN, retrieval.margin());
    }
    if (retrieval.hubness() >= 0) {
      hubness[hubs++] = retrieval.hubness();
    }
  }

  boolean complete() {
    return steps >= LEAST_STEPS && (beginning || visited >= windowImages);
  }

  /**
   * What it came to, but for what compares it with others.
   *
   * @param seed of the pairs that are compared
   */
  Indicators measure(long seed) {
    Indicators indicators = new Indicators();
    for (Indicator indicator : SUMS) {
      boolean retrieval =
          indicator.compareTo(Indicator.SELF_RANK_ONE) >= 0
              && indicator.compareTo(Indicator.VOTE_AGREEMENT) <= 0;
      indicators.set(indicator, mean(indicator).value(retrieval ? LEAST_IMAGES : 1));
    }
    if (rows >= 2) {
      indicators.set(Indicator.RANK_ME, Geometry.rankMe(features, rows, dim));
      indicators.set(
          Indicator.UNIFORMITY,
          Geometry.uniformity(features, rows, dim, PAIRS, new SplittableRandom(seed)));
      indicators.set(Indicator.FEATURE_STD, Geometry.featureStd(features, rows, dim));
      indicators.set(Indicator.MEAN_COSINE, Geometry.meanCosine(features, rows, dim));
    }
    Hubs.measure(Arrays.copyOf(hubness, hubs), indicators);
    return indicators;
  }

  void save(DataOutput out) throws IOException {
    for (Indicator indicator : SUMS) {
      mean(indicator).save(out);
    }
    out.writeInt(rows);
    for (int i = 0; i < rows * dim; i++) {
      out.writeFloat(features[i]);
    }
    out.writeInt(hubs);
    for (int i = 0; i < hubs; i++) {
      out.writeInt(hubness[i]);
    }
    out.writeInt(steps);
    out.writeLong(visited);
    out.writeInt(windowImages);
  }

  void restore(DataInput in) throws IOException {
    for (Indicator indicator : SUMS) {
      mean(indicator).restore(in);
    }
    rows = in.readInt();
    features = new float[rows * dim];
    for (int i = 0; i < features.length; i++) {
      features[i] = in.readFloat();
    }
    hubs = in.readInt();
    for (int i = 0; i < hubs; i++) {
      hubness[i] = in.readInt();
    }
    steps = in.readInt();
    visited = in.readLong();
    windowImages = in.readInt();
  }
}
