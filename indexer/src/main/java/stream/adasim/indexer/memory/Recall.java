package stream.adasim.indexer.memory;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * How much of what an exact search finds an approximate one finds, measured by searching some
 * batches both ways, and how cautious the next ones must be for that. Not thread-safe; {@link Bank}
 * guards it.
 */
final class Recall {
  /** So many batches are searched both ways at first, so that caution is soon right. */
  private static final int FIRST = 16;

  /** Of the queries that follow one in so many, unless the last ones had too many misses. */
  private static final int ONE_IN = 100;

  /** More often where sooner one in so many vectors is another, since each query replaces one. */
  private static final int ONE_IN_HELD = 10;

  /** Share of what was counted that remains when {@link #ONE_IN} batches have gone by. */
  private static final double MEMORY = 0.98;

  /** How far one batch may change the caution, as a logarithm, by what it missed. */
  private static final double GAIN = 0.1;

  private static final double LEAST_CAUTION = 0.1;
  private static final double MOST_CAUTION = 10;

  private final double least;
  private double caution = 1.5; // samples are further apart than the nearest of all
  private long compared;
  private long since;
  private double stands; // how many times ONE_IN batches the one that is compared stands for
  private boolean worried;
  private double wanted;
  private double found;

  /**
   * @param least share of the nearest that are to be found on average, above 0; 1 is exact
   */
  Recall(double least) {
    this.least = least;
  }

  boolean exact() {
    return least == 1;
  }

  /** Share of the nearest that may be missed, of which half is used. */
  double misses() {
    return (1 - least) / 2;
  }

  /** What the caution that was right for a sample is to be multiplied by. */
  double caution() {
    return caution;
  }

  /**
   * Whether an approximate search for so many queries is to be done exactly, too.
   *
   * @param held vectors that are searched
   */
  boolean due(int queries, int held) {
    since += queries;
    if (worried
        || compared < FIRST
        || since >= Math.min((long) ONE_IN * queries, held / ONE_IN_HELD)) {
      stands = (double) since / ONE_IN / queries;
      since = 0;
      return true;
    }
    return false;
  }

  /** Counts what was found both ways, query by query, when it was due. */
  void compare(List<List<Neighbour>> approximate, List<List<Neighbour>> exact) {
    int there = 0;
    int all = 0;
    for (int i = 0; i < exact.size(); i++) {
      Set<String> ids = new HashSet<>();
      approximate.get(i).forEach(neighbour -> ids.add(neighbour.id()));
      all += exact.get(i).size();
      there += (int) exact.get(i).stream().filter(each -> ids.contains(each.id())).count();
    }
    if (all == 0) {
      return;
    }
    compared++;
    // Worse ones are followed sooner by another, so each counts for as many as it is one of.
    count(stands, there, all);
    double over = (double) (all - there) / all / misses() - 1; // -1 where nothing was missed
    worried = over > 1; // more than may be missed
    caution = Math.clamp(caution * Math.exp(GAIN * Math.min(over, 3)), LEAST_CAUTION, MOST_CAUTION);
  }

  /** Counts a batch that was searched exactly alone. */
  void all(int there) {
    count(1.0 / ONE_IN, there, there);
  }

  private void count(double batches, int there, int all) {
    double remains = Math.pow(MEMORY, batches);
    wanted = remains * wanted + batches * all;
    found = remains * found + batches * there;
  }

  /** Share that was found of late; empty before anything was compared. */
  OptionalDouble measured() {
    return compared == 0 ? OptionalDouble.empty() : OptionalDouble.of(found / wanted);
  }
}
