package stream.adasim.learner.objective;

/**
 * Numbers of training.
 *
 * @param objective what is learnt
 * @param schedules what changes by step
 * @param temperature divides DINO's student's logits, or the contrast's; NaN where there is neither
 * @param centreMomentum of the moving average of DINO's teacher's mean logits; at 1 the centre
 *     stays 0
 * @param queue projections that NNCLR keeps, M
 * @param clip largest norm of one parameter's gradient; infinite for no limit
 * @param beta1 AdamW's memory of gradients
 * @param beta2 AdamW's memory of squared gradients
 * @param epsilon added to AdamW's divisor
 * @param dropPath rate of stochastic depth in the student's last block, 0 for none
 * @param localViews of DINO
 */
public record ObjectiveSettings(
    Objective objective,
    Schedules schedules,
    double temperature,
    double centreMomentum,
    int queue,
    double clip,
    double beta1,
    double beta2,
    double epsilon,
    double dropPath,
    LocalViews localViews) {
  /** Projections that NNCLR keeps unless told otherwise. */
  public static final int QUEUE = 4096;

  public ObjectiveSettings {
    if (!Double.isNaN(objective.defaults().temperature())) {
      positive("temperature", temperature);
    }
    positive("queue", queue);
    positive("clip", clip);
    positive("epsilon", epsilon);
    if (!(centreMomentum >= 0 && centreMomentum <= 1)) {
      throw new IllegalArgumentException(
          "centreMomentum=" + centreMomentum + " must be within 0..1");
    }
    share("beta1", beta1);
    share("beta2", beta2);
    share("dropPath", dropPath);
    if (localViews.count() > 0 && objective != Objective.DINO) {
      throw new IllegalArgumentException(
          "local views: count="
              + localViews.count()
              + " must be 0 with objective="
              + objective.setting()
              + ": they are DINO's");
    }
  }

  /** {@link #of(Objective, Schedules)} for DINO. */
  public static ObjectiveSettings of(Schedules schedules) {
    return of(Objective.DINO, schedules);
  }

  /**
   * An objective's: its own temperature, betas .9 and .999, epsilon 1e-8, no stochastic depth; for
   * DINO clip 3 and centre momentum .9; for NNCLR a queue of {@value #QUEUE}.
   */
  public static ObjectiveSettings of(Objective objective, Schedules schedules) {
    return new ObjectiveSettings(
        objective,
        schedules,
        objective.defaults().temperature(),
        0.9,
        QUEUE,
        objective == Objective.DINO ? 3 : Double.POSITIVE_INFINITY,
        0.9,
        0.999,
        1e-8,
        0,
        LocalViews.NONE);
  }

  /** The same with stochastic depth; DINO's rate is .1. */
  public ObjectiveSettings withDropPath(double rate) {
    return new ObjectiveSettings(
        objective,
        schedules,
        temperature,
        centreMomentum,
        queue,
        clip,
        beta1,
        beta2,
        epsilon,
        rate,
        localViews);
  }

  /** The same with another momentum of DINO's centre. */
  public ObjectiveSettings withCentreMomentum(double momentum) {
    return new ObjectiveSettings(
        objective,
        schedules,
        temperature,
        momentum,
        queue,
        clip,
        beta1,
        beta2,
        epsilon,
        dropPath,
        localViews);
  }

  /** The same with other local views. */
  public ObjectiveSettings withLocalViews(LocalViews views) {
    return new ObjectiveSettings(
        objective,
        schedules,
        temperature,
        centreMomentum,
        queue,
        clip,
        beta1,
        beta2,
        epsilon,
        dropPath,
        views);
  }

  /**
   * The same with another temperature of the contrast and another queue.
   *
   * @param temperature NaN where the objective has none
   */
  public ObjectiveSettings withContrast(double temperature, int queue) {
    return new ObjectiveSettings(
        objective,
        schedules,
        temperature,
        centreMomentum,
        queue,
        clip,
        beta1,
        beta2,
        epsilon,
        dropPath,
        localViews);
  }

  private static void positive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + "=" + value + " must be more than 0");
    }
  }

  private static void share(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + "=" + value + " must be within 0..1, below 1");
    }
  }
}
