package stream.adasim.learner.models;

import stream.adasim.learner.network.Architecture;

/**
 * The teacher at one moment.
 *
 * @param modelId changes when a network is initialised afresh
 * @param version 0 for the untrained network, then growing by 1
 * @param step training step at which it was taken
 * @param weights flat, in the order of the architecture's parameter layout; not to be written to
 */
@SuppressWarnings("ArrayRecordComponent") // millions of floats, shared by whoever reads them
public record ModelSnapshot(
    String modelId, long version, long step, Architecture architecture, float[] weights) {}
