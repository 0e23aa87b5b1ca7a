package stream.adasim.learner.adasim;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** AdaSim's rule as ALGORITHM 2.1 words it, from raw votes, without regard to speed. */
final class OfficialRule {
  private OfficialRule() {}

  /** The summed similarities of the k candidates with the largest sums; ties by id. */
  static Map<String, Double> candidates(List<Map<String, Float>> votes, int k) {
    var sums = new HashMap<String, Double>();
    for (var vote : votes) {
      vote.forEach((id, similarity) -> sums.merge(id, (double) similarity, Double::sum));
    }
    return sums.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(k)
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** The probability of every partner. */
  static Map<String, Double> distribution(
      String self, List<Map<String, Float>> votes, int k, double temperature) {
    var candidates = candidates(votes, k);
    var best =
        candidates.entrySet().stream()
            .max(
                Map.Entry.<String, Double>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
            .orElseThrow()
            .getKey();
    if (!best.equals(self)) {
      return Map.of(self, 1.0);
    }
    var weights = new HashMap<String, Double>();
    candidates.forEach((id, sum) -> weights.put(id, Math.exp(sum / votes.size() / temperature)));
    double total = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    weights.replaceAll((id, weight) -> weight / total);
    return weights;
  }
}
