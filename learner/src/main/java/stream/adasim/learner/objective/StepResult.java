package stream.adasim.learner.objective;

/**
 * What one step measured and made.
 *
 * @param step number of the step, from 0
 * @param loss the objective's; of DINO and the contrastive ones in nats
 * @param teacherEntropy mean entropy of the teacher's distributions in nats; NaN but for DINO
 * @param batchEntropy entropy of their mean in nats, ln K at most; NaN but for DINO. What tells
 *     collapse for every objective is the spread of the features
 * @param gradientNorm of the whole network, before clipping
 * @param learningRate used in the step
 * @param weightDecay used in the step
 * @param momentum used in the step; NaN where there is no teacher
 * @param teacherTemperature used in the step; NaN but for DINO
 * @param firstFeatures unit-length features of the first views by the teacher, or the network where
 *     there is none, as it was before the step, B times D
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
