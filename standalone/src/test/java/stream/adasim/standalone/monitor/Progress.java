package stream.adasim.standalone.monitor;

import java.time.Instant;
import stream.adasim.avro.TrainingProgress;

/** Records of training progress for tests: 98 images per second, 32 images a step. */
final class Progress {
  static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

  private Progress() {}

  static TrainingProgress at(long step, long modelVersion) {
    return TrainingProgress.newBuilder()
        .setAt(START.plusSeconds(step))
        .setModelId("m")
        .setModelVersion(modelVersion)
        .setStep(step)
        .setVisits(32 * step)
        .setPasses(1.5)
        .setLoss(6.214)
        .setTeacherEntropy(5)
        .setBatchEntropy(6)
        .setMaxEntropy(8.3)
        .setGateRate(0.12)
        .setBootstrappedShare(0.04)
        .setSelfRankOne(0.5)
        .setTemperature(0.01)
        .setFeatureStd(1)
        .setLearningRate(5e-4)
        .setWeightDecay(0.04)
        .setMomentum(0.996)
        .setGradientNorm(2)
        .setImagesPerSecond(98)
        .setWaitShare(0)
        .setWindowImages(6_000)
        .setWindowBytes(6_000_000)
        .build();
  }
}
