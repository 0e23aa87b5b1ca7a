package stream.adasim.learner.trainer;

import java.util.List;
import stream.adasim.learner.objective.StepResult;

/**
 * What one step came to.
 *
 * @param gatesOpen images whose gate was open
 * @param bootstrapped images whose partner was another image
 */
record Outcome(StepResult result, List<Visit> visits, int gatesOpen, int bootstrapped) {}
