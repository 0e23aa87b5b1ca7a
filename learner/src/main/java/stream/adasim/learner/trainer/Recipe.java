package stream.adasim.learner.trainer;

import stream.adasim.learner.objective.ObjectiveSettings;
import stream.adasim.learner.objective.Schedule;
import stream.adasim.learner.objective.Schedules;
import stream.adasim.learner.settings.LearnerConfig;

/** An objective's recipe for a stream that has no end: everything constant after the warm-up. */
final class Recipe {
  private Recipe() {}

  static ObjectiveSettings of(LearnerConfig.Training training) {
    return ObjectiveSettings.of(
            training.objective(),
            Schedules.stream(
                    training.learningRate(),
                    training.warmupSteps(),
                    training.freezeLastLayerSteps())
                .withWeightDecay(new Schedule.Constant(training.weightDecay()))
                .withMomentum(new Schedule.Constant(training.momentum()))
                .withTeacherTemperature(new Schedule.Constant(training.teacherTemperature())))
        .withContrast(training.contrastTemperature(), training.queue())
        .withDropPath(training.dropPath())
        .withCentreMomentum(training.centreMomentum())
        .withLocalViews(training.localViews());
  }
}
