package stream.adasim.bench.search;

import java.io.IOException;
import java.util.Arrays;
import stream.adasim.bench.contest.Contestant;

/** Searches and replaces vectors when told to. */
final class SearchContestant extends Contestant {
  private String setting = "";
  private long updates;
  private double recall = 1;

  SearchContestant(String name, ProcessBuilder builder) throws IOException {
    super(name, builder);
  }

  /**
   * Has it replace so many vectors, the first ones as batches do: searched for, too, for who learns
   * from that.
   */
  void drift(int count, int searched) throws IOException {
    ask("drift " + count + " " + searched, "ok");
    updates += count;
  }

  /** Says how much each search may spend. */
  void effort(int effort) throws IOException {
    ask("effort " + effort, "ok");
    setting = ", effort " + effort;
  }

  /** The share of the true nearest of what comes next that it finds. */
  double recall(Truth truth) throws IOException {
    recall =
        truth.recall(
            updates,
            Arrays.stream(ask("recall " + truth.queries(), "ids ").split(" ", -1))
                .mapToInt(Integer::parseInt)
                .toArray());
    return recall;
  }

  /** Lets it take so many batches. */
  void run(int batches, int size) throws IOException {
    time("batches", batches);
    updates += (long) (batches + 1) * size;
  }

  /** Lets it take so many batches that count for nothing: the first ones compile the code. */
  void warmUp(int batches, int size) throws IOException {
    run(batches, size);
    forget();
  }

  @Override
  public String description() {
    return super.description() + setting;
  }

  double recall() {
    return recall;
  }
}
