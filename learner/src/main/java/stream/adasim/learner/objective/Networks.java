package stream.adasim.learner.objective;

import stream.adasim.learner.network.Parameters;

/**
 * Weights of a training.
 *
 * @param student what is trained
 * @param target what makes targets and features: the teacher, or the student where there is none
 * @param gradients of the student
 */
record Networks(Parameters student, Parameters target, Parameters gradients) {}
