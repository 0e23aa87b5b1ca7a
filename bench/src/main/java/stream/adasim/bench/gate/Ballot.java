package stream.adasim.bench.gate;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** All votes of one image, added up. */
final class Ballot {
  private final int self;
  private final Map<Integer, Double> similarities = new HashMap<>();
  private final Map<Integer, Integer> times = new HashMap<>();
  private int votes;
  private int selfFirst;

  Ballot(int self) {
    this.self = self;
  }

  /**
   * Adds a vote.
   *
   * @param rows images by number, the nearest first
   * @param scores their similarities
   * @param from the vote's first place in both
   * @param count places of the vote
   */
  void add(int[] rows, float[] scores, int from, int count) {
    votes++;
    selfFirst += rows[from] == self ? 1 : 0;
    for (int at = from; at < from + count; at++) {
      similarities.merge(rows[at], (double) scores[at], Double::sum);
      times.merge(rows[at], 1, Integer::sum);
    }
  }

  /** Votes that put the image itself first. */
  int selfFirst() {
    return selfFirst;
  }

  /** The image but itself whose similarities add up to most; itself where it found no other. */
  int bestOther() {
    return similarities.entrySet().stream()
        .filter(each -> each.getKey() != self)
        .max(Map.Entry.<Integer, Double>comparingByValue().thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getKey)
        .orElse(self);
  }

  /** The k images whose similarities add up to most, itself among them where it is one. */
  Set<Integer> candidates(int k) {
    return similarities.entrySet().stream()
        .sorted(
            Map.Entry.<Integer, Double>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry::getKey))
        .limit(k)
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The gate: whether the image itself comes first in all votes together. */
  boolean gateOpen() {
    return similarity(self) >= similarity(bestOther());
  }

  /** Mean similarity, absence counting as none. */
  double similarity(int image) {
    return similarities.getOrDefault(image, 0.0) / votes;
  }

  /** Votes that name an image. */
  int times(int image) {
    return times.getOrDefault(image, 0);
  }

  /** How many images were named. */
  int named() {
    return times.size();
  }
}
