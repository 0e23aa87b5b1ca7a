package stream.adasim.learner.objective;

import stream.adasim.learner.objective.Schedule.Constant;
import stream.adasim.learner.objective.Schedule.Cosine;
import stream.adasim.learner.objective.Schedule.WarmUp;

/**
 * What changes over training, by global step from 0 (Caron et al. 2021, section 3.2 and DINO's
 * defaults).
 *
 * @param learningRate of AdamW
 * @param weightDecay of AdamW, for the matrices
 * @param momentum of the teacher's moving average
 * @param teacherTemperature divides the teacher's centred logits
 * @param frozenSteps the head's last layer keeps its first weights for so many steps
 */
public record Schedules(
    Schedule learningRate,
    Schedule weightDecay,
    Schedule momentum,
    Schedule teacherTemperature,
    long frozenSteps) {

  public Schedules {
    if (frozenSteps < 0) {
      throw new IllegalArgumentException("frozenSteps=" + frozenSteps + " must be 0 or more");
    }
  }

  /** DINO's peak learning rate for a batch of so many images: 5e-4 per 256. */
  public static double learningRate(int batch) {
    return 5e-4 * batch / 256;
  }

  /**
   * For a stream without end: the learning rate is constant after a warm-up, everything else from
   * the start (weight decay .04, momentum .996, teacher temperature .04).
   */
  public static Schedules stream(double learningRate, long warmUpSteps, long frozenSteps) {
    return new Schedules(
        new WarmUp(warmUpSteps, new Constant(learningRate)),
        new Constant(0.04),
        new Constant(0.996),
        new Constant(0.04),
        frozenSteps);
  }

  /**
   * For a run whose length is known: along cosines the learning rate goes to 1e-6 after a warm-up,
   * weight decay from .04 to .4, momentum from .996 to 1; teacher temperature .04.
   *
   * @throws IllegalArgumentException if the warm-up is longer than the run
   */
  public static Schedules finite(
      double learningRate, long warmUpSteps, long frozenSteps, long totalSteps) {
    if (warmUpSteps > totalSteps) {
      throw new IllegalArgumentException(
          "warmUpSteps=" + warmUpSteps + " must not exceed totalSteps=" + totalSteps);
    }
    return new Schedules(
        new WarmUp(warmUpSteps, new Cosine(learningRate, 1e-6, totalSteps - warmUpSteps)),
        new Cosine(0.04, 0.4, totalSteps),
        new Cosine(0.996, 1, totalSteps),
        new Constant(0.04),
        frozenSteps);
  }

  /** These with another weight decay. */
  public Schedules withWeightDecay(Schedule schedule) {
    return new Schedules(learningRate, schedule, momentum, teacherTemperature, frozenSteps);
  }

  /** These with another momentum. */
  public Schedules withMomentum(Schedule schedule) {
    return new Schedules(learningRate, weightDecay, schedule, teacherTemperature, frozenSteps);
  }

  /** These with another teacher temperature, such as {@code new Schedule.Linear(.04, .07, n)}. */
  public Schedules withTeacherTemperature(Schedule schedule) {
    return new Schedules(learningRate, weightDecay, momentum, schedule, frozenSteps);
  }
}
