package stream.adasim.learner.objective;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.MlpHead;
import stream.adasim.learner.network.MlpHead.Kind;

/**
 * What a network learns from two views of a pair, with default numbers for AdamW and an endless
 * stream. Losses are the published ones; the numbers are the authors' only in part, since theirs
 * belong to other optimisers, batches and schedules.
 *
 * <p>In all formulas q are the unit predictions of one view (of the predictor where there is one,
 * else of the projector), z' the unit projections of the other view, which carry no gradient unless
 * said otherwise, T the temperature. Batch means.
 */
public enum Objective {
  /** Cross-entropy with the teacher's prototypes (Caron et al. 2021). */
  DINO(null, true, new Defaults(5e-4, 0.04, 0.99, 0.1)),
  /** {@code (2 - 2 q1.z2') + (2 - 2 q2.z1')}, z' the teacher's (Grill et al. 2020). */
  BYOL(Kind.BYOL, true, new Defaults(3e-4, 0.04, 0.99, Double.NaN)),
  /** {@code -(q1.z2' + q2.z1') / 2}, z' the network's own (Chen and He 2021). */
  SIMSIAM(Kind.SIMSIAM, false, new Defaults(3e-4, 0.04, Double.NaN, Double.NaN)),
  /**
   * {@code 2 T [H(q1 Z2' / T) + H(q2 Z1' / T)]}, H the cross-entropy that tells an image's own z',
   * the teacher's, from those of the batch (Chen et al. 2021).
   */
  MOCOV3(Kind.MOCOV3, true, new Defaults(1.5e-4, 0.1, 0.99, 0.2)),
  /**
   * MoCo-v3's network and numbers without the batch: of its loss the term of an image's own z'
   * alone, which is BYOL's loss but for a constant.
   */
  MOCOV3_NO_NEGATIVES(Kind.MOCOV3, true, new Defaults(1.5e-4, 0.1, 0.99, Double.NaN)),
  /**
   * The cross-entropy that tells a view's partner from all other views of the batch, both sides
   * with gradient (NT-Xent, Chen et al. 2020).
   */
  SIMCLR(Kind.SIMCLR, false, new Defaults(3e-4, 0.04, Double.NaN, 0.5)),
  /**
   * {@code [H(n1 Q2 / T) + H(n2 Q1 / T)] / 2}, n the nearest to z among earlier projections, which
   * are kept in a queue (Dwibedi et al. 2021).
   */
  NNCLR(Kind.NNCLR, false, new Defaults(3e-4, 0.04, Double.NaN, 0.1));

  /** What settings of the objectives can be. */
  public static final List<String> NAMES = Arrays.stream(values()).map(Objective::setting).toList();

  private final @Nullable Kind head;
  private final boolean teacher;

  @SuppressWarnings("ImmutableEnumChecker") // four numbers
  private final Defaults defaults;

  /**
   * Numbers for AdamW and a stream.
   *
   * @param learningRate after the warm-up
   * @param weightDecay of the matrices
   * @param momentum of the teacher's moving average; NaN where there is no teacher
   * @param temperature of the student's logits, or of the contrast; NaN where there is none
   */
  public record Defaults(
      double learningRate, double weightDecay, double momentum, double temperature) {}

  Objective(@Nullable Kind head, boolean teacher, Defaults defaults) {
    this.head = head;
    this.teacher = teacher;
    this.defaults = defaults;
  }

  /** The objective that a setting names, such as {@code mocov3-no-negatives}. */
  public static Objective of(String setting) {
    return Arrays.stream(values())
        .filter(objective -> objective.setting().equals(setting))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "objective=" + setting + " must be one of " + String.join(", ", NAMES)));
  }

  /** Its name in settings and checkpoints. */
  public String setting() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether a moving average of the network makes the targets, and the features. */
  public boolean hasTeacher() {
    return teacher;
  }

  /** Whether its loss tells an image from those of the batch, at a temperature. */
  public boolean contrasts() {
    return switch (this) {
      case MOCOV3, SIMCLR, NNCLR -> true;
      case DINO, BYOL, SIMSIAM, MOCOV3_NO_NEGATIVES -> false;
    };
  }

  public Defaults defaults() {
    return defaults;
  }

  /** An architecture of DINO's with this objective's head in its published widths. */
  public Architecture headed(Architecture architecture) {
    return head == null
        ? architecture
        : architecture.withHead(MlpHead.published(head, architecture.dim()));
  }

  /**
   * @throws IllegalArgumentException if the head is another objective's
   */
  void check(Architecture architecture) {
    Kind found = architecture.head() instanceof MlpHead mlp ? mlp.kind() : null;
    if (found != head) {
      throw new IllegalArgumentException(
          "objective="
              + setting()
              + " needs a head of its own; found "
              + architecture.head()
              + ": make the architecture with the objective's head");
    }
  }
}
