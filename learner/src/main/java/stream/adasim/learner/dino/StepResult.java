package stream.adasim.learner.dino;

/**
 * What one step measured and made.
 *
 * @param step number of the step, from 0
 * @param loss cross-entropy in nats, the mean over both directions and the batch
 * @param teacherEntropy mean entropy of the teacher's distributions in nats
 * @param batchEntropy entropy of their mean in nats; ln K at most
 * @param gradientNorm of the whole network, before clipping
 * @param learningRate used in the step
 * @param weightDecay used in the step
 * @param momentum used in the step
 * @param teacherTemperature used in the step
 * @param firstFeatures unit-length features of the first views by the teacher as it was before the
 *     step, B times D
 */
// The features go straight into one record per image: B * D floats, handed over once.
@SuppressWarnings("ArrayRecordComponent")
public record StepResult(
    long step,
    double loss,
    double teacherEntropy,
    double batchEntropy,
    double gradientNorm,
    double learningRate,
    double weightDecay,
    double momentum,
    double teacherTemperature,
    float[] firstFeatures) {}
