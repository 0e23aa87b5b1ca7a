package stream.adasim.standalone.experiment;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.learner.trainer.OfflineStep;
import stream.adasim.learner.trainer.OfflineStep.OfflineVisit;
import stream.adasim.learner.trainer.OfflineTraining;
import stream.adasim.learner.window.WindowImage;

/** Adds up what happened in the steps between two measurements. Not thread-safe. */
final class StepTally {
  private long steps;
  private long visits;
  private double loss;
  private double teacherEntropy;
  private double batchEntropy;
  private long gatesOpen;
  private long partnered;
  private final Share partners = new Share();
  private final Share gated = new Share();
  private final Share others = new Share();
  private final Share reciprocal = new Share();
  private final Share oneSided = new Share();

  /** How many of some are right. */
  private static final class Share {
    private long right;
    private long all;

    void add(boolean isRight) {
      right += isRight ? 1 : 0;
      all++;
    }

    @Nullable Double value() {
      return all == 0 ? null : (double) right / all;
    }
  }

  /** Counts a step whose neighbourhoods are still those that its partners came from. */
  void add(OfflineStep step, OfflineTraining training) {
    steps++;
    loss += step.loss();
    teacherEntropy += step.teacherEntropy();
    batchEntropy += step.batchEntropy();
    for (OfflineVisit visit : step.visits()) {
      visits++;
      gatesOpen += visit.choice().gateOpen() ? 1 : 0;
      partnered += visit.choice().bootstrapped() ? 1 : 0;
      String label = visit.image().label();
      if (label == null) {
        continue;
      }
      if (visit.choice().bootstrapped()) {
        partners.add(label.equals(visit.choice().partner().label()));
      }
      WindowImage other = bestOther(visit.image(), training);
      if (other != null) {
        boolean right = label.equals(other.label());
        (visit.choice().gateOpen() ? gated : others).add(right);
        (names(other, visit.image(), training) ? reciprocal : oneSided).add(right);
      }
    }
  }

  private static @Nullable WindowImage bestOther(WindowImage image, OfflineTraining training) {
    for (Candidate candidate : candidates(image, training)) {
      WindowImage held = training.image(candidate.getId());
      if (held != null
          && !held.id().equals(image.id())
          && held.fingerprint() == candidate.getFingerprint()) {
        return held;
      }
    }
    return null;
  }

  /** Whether one image has another among its candidates. */
  private static boolean names(WindowImage naming, WindowImage named, OfflineTraining training) {
    return candidates(naming, training).stream()
        .anyMatch(
            candidate ->
                candidate.getId().equals(named.id())
                    && candidate.getFingerprint() == named.fingerprint());
  }

  private static List<Candidate> candidates(WindowImage image, OfflineTraining training) {
    Neighbourhood known = training.neighbourhoodOf(image.id());
    return known == null || known.getFingerprint() != image.fingerprint()
        ? List.of()
        : known.getCandidates();
  }

  @Nullable Double loss() {
    return mean(loss);
  }

  @Nullable Double teacherEntropy() {
    return mean(teacherEntropy);
  }

  @Nullable Double batchEntropy() {
    return mean(batchEntropy);
  }

  @Nullable Double gateRate() {
    return visits == 0 ? null : (double) gatesOpen / visits;
  }

  @Nullable Double bootstrapped() {
    return visits == 0 ? null : (double) partnered / visits;
  }

  @Nullable Double partners() {
    return partners.value();
  }

  @Nullable Double gatedCandidates() {
    return gated.value();
  }

  @Nullable Double otherCandidates() {
    return others.value();
  }

  @Nullable Double reciprocalCandidates() {
    return reciprocal.value();
  }

  @Nullable Double oneSidedCandidates() {
    return oneSided.value();
  }

  private @Nullable Double mean(double sum) {
    return steps == 0 ? null : sum / steps;
  }
}
