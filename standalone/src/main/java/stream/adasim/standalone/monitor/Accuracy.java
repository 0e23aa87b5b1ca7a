package stream.adasim.standalone.monitor;

/**
 * A nearest-neighbour accuracy and what it was measured on: labelled embeddings of exactly one
 * model version.
 *
 * @param value within 0..1
 * @param images how many embeddings were compared
 * @param modelId the model that made them
 * @param modelVersion its version; 0 is the untrained network
 */
public record Accuracy(double value, int images, String modelId, long modelVersion) {}
