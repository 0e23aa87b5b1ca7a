package stream.adasim.learner.dino;

/**
 * Numbers of self-distillation.
 *
 * @param schedules what changes by step
 * @param studentTemperature divides the student's logits
 * @param centreMomentum of the moving average of the teacher's mean logits
 * @param clip largest norm of one parameter's gradient
 * @param beta1 AdamW's memory of gradients
 * @param beta2 AdamW's memory of squared gradients
 * @param epsilon added to AdamW's divisor
 * @param dropPath rate of stochastic depth in the student's last block, 0 for none
 */
public record DistillationSettings(
    Schedules schedules,
    double studentTemperature,
    double centreMomentum,
    double clip,
    double beta1,
    double beta2,
    double epsilon,
    double dropPath) {

  public DistillationSettings {
    positive("studentTemperature", studentTemperature);
    positive("clip", clip);
    positive("epsilon", epsilon);
    share("centreMomentum", centreMomentum);
    share("beta1", beta1);
    share("beta2", beta2);
    share("dropPath", dropPath);
  }

  /**
   * DINO's: temperature .1, centre momentum .9, clip 3, betas .9 and .999, epsilon 1e-8; but
   * without stochastic depth.
   */
  public static DistillationSettings of(Schedules schedules) {
    return new DistillationSettings(schedules, 0.1, 0.9, 3, 0.9, 0.999, 1e-8, 0);
  }

  /** The same with stochastic depth; DINO's rate is .1. */
  public DistillationSettings withDropPath(double rate) {
    return new DistillationSettings(
        schedules, studentTemperature, centreMomentum, clip, beta1, beta2, epsilon, rate);
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
