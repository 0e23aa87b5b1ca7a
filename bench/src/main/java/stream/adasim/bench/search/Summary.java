package stream.adasim.bench.search;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The worst of what was measured, over all kinds of data, in one line. */
final class Summary {
  private final Map<String, Double> worst = new TreeMap<>();
  private double recall = 1;

  /**
   * @param all ours first
   */
  void add(int rows, List<SearchContestant> all) {
    SearchContestant ours = all.getFirst();
    recall = Math.min(recall, ours.recall());
    for (SearchContestant each : all) {
      String what = each.name().equals("flat") ? "flat " + rows : each.name();
      worst.merge(what, each.median() / ours.median(), Math::min);
    }
  }

  String line() {
    String million = worst.containsKey("flat 1000000") ? " " + ratio("flat 1000000") : "";
    return "search: flat ratio %s %s%s, jvector ratio %s, lucene ratio %s, recall %s"
        .formatted(
            ratio("flat 16384"),
            ratio("flat 100000"),
            million,
            ratio("jvector"),
            ratio("lucene"),
            String.format(Locale.ROOT, "%.4f", recall));
  }

  private String ratio(String what) {
    Double ratio = worst.get(what);
    return ratio == null ? "none" : String.format(Locale.ROOT, "%.2f", ratio);
  }
}
