package stream.adasim.bench.search;

import java.util.List;
import java.util.Locale;

/** What was measured on one bank, a line per contestant. */
final class Table {
  private Table() {}

  /**
   * Prints a table.
   *
   * @param clustered how clustered the vectors are, as {@link Clusteredness} has it
   * @param k neighbours of a query
   * @param all ours first
   */
  static void print(
      VectorSource source,
      Size size,
      double clustered,
      int k,
      int threads,
      List<SearchContestant> all) {
    System.out.printf(
        Locale.ROOT,
        "%n%d x %d, %s (clusters explain %.1f %% of the variance), batch %d, k=%d, %d threads, after a full pass of drift%n",
        size.rows(),
        size.dimension(),
        source,
        100 * clustered,
        Size.BATCH,
        k,
        threads);
    System.out.printf(
        "%-8s %9s %9s %9s %10s %8s %7s %7s%n",
        "", "ms", "10 %", "90 %", "queries/s", "ratio", "recall", "MB");
    double ours = all.getFirst().median();
    for (SearchContestant each : all) {
      System.out.printf(
          Locale.ROOT,
          "%-8s %9.2f %9.2f %9.2f %10.0f %8.2f %7.4f %7.0f%n",
          each.name(),
          each.median(),
          each.quantile(0.1),
          each.quantile(0.9),
          Size.BATCH / each.median() * 1e3,
          each.median() / ours,
          each.recall(),
          each.memory());
    }
    for (SearchContestant each : all) {
      System.out.println("  " + each.name() + ": " + each.description());
    }
  }
}
