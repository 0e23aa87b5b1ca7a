package stream.adasim.learner.trainer;

import stream.adasim.learner.dino.DistillationSettings;
import stream.adasim.learner.dino.Schedule;
import stream.adasim.learner.dino.Schedules;
import stream.adasim.learner.settings.LearnerConfig;

/** DINO's recipe for a stream that has no end: everything constant after the warm-up. */
final class Recipe {
  private Recipe() {}

  static DistillationSettings of(LearnerConfig.Training training) {
    return DistillationSettings.of(
            Schedules.stream(
                    training.learningRate(),
                    training.warmupSteps(),
                    training.freezeLastLayerSteps())
                .withWeightDecay(new Schedule.Constant(training.weightDecay()))
                .withMomentum(new Schedule.Constant(training.momentum()))
                .withTeacherTemperature(new Schedule.Constant(training.teacherTemperature())))
        .withDropPath(training.dropPath());
  }
}
