package stream.adasim.learner.trainer;

import stream.adasim.learner.window.WindowImage;

/**
 * One image's visit in a step: what the memory stores, and what it is searched with (empty: the
 * same).
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, from training to the producer
record Visit(WindowImage image, float[] vector, float[] query) {}
