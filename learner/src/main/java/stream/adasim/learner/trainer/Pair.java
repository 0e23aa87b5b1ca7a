package stream.adasim.learner.trainer;

import stream.adasim.learner.adasim.Choice;
import stream.adasim.learner.window.WindowImage;

/**
 * One image of a batch with its partner, before decoding.
 *
 * @param seed of the augmentations, so that they do not depend on which thread makes them
 */
record Pair(WindowImage image, Choice choice, long seed) {}
