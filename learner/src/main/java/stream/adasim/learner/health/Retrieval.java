package stream.adasim.learner.health;

import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;

/**
 * What an image's newest neighbourhood says of how it is found.
 *
 * @param margin S(self) / m less that of the best other; NaN without another
 * @param agreement of its newest two votes; NaN before the second
 * @param hubness how many votes named it in about a pass; -1 where that is not known
 */
record Retrieval(
    long fingerprint,
    int votes,
    boolean selfFirst,
    boolean selfRankOne,
    float margin,
    float agreement,
    int hubness) {

  static Retrieval of(String id, Neighbourhood neighbourhood) {
    float other = Float.NaN;
    for (Candidate candidate : neighbourhood.getCandidates()) {
      if (!candidate.getId().equals(id)) {
        other = candidate.getSimilarity();
        break; // the largest comes first
      }
    }
    Float agreement = neighbourhood.getAgreement();
    Integer hubness = neighbourhood.getHubness();
    return new Retrieval(
        neighbourhood.getFingerprint(),
        neighbourhood.getVotes(),
        neighbourhood.getSelfFirst(),
        neighbourhood.getSelfRankOne(),
        (neighbourhood.getSelfSimilarity() - other) / Math.max(1, neighbourhood.getVotes()),
        agreement == null ? Float.NaN : agreement,
        hubness == null ? -1 : hubness);
  }
}
