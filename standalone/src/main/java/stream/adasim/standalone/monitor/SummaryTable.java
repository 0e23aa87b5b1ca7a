package stream.adasim.standalone.monitor;

import static java.util.Locale.ROOT;
import static stream.adasim.standalone.monitor.LiveLine.percent;

import org.jspecify.annotations.Nullable;

/** The short table at the end of a run. */
public final class SummaryTable {
  private SummaryTable() {}

  /** Lines of name and value, each ending in a line break. */
  public static String of(Summary summary) {
    StringBuilder table = new StringBuilder();
    row(table, "images", String.format(ROOT, "%,d", summary.images()));
    row(table, "embeddings", String.format(ROOT, "%,d", summary.embeddings()));
    row(table, "dead letters", String.format(ROOT, "%,d", summary.deadLetters()));
    row(table, "deleted", String.format(ROOT, "%,d", summary.deleted()));
    row(table, "first embedding", number("after %.1f s", summary.secondsToFirstEmbedding()));
    row(table, "training steps", number("%,d", summary.steps()));
    row(table, "images per second", number("%.0f", summary.imagesPerSecond()));
    row(table, "loss, first", number("%.3f", summary.firstLoss()));
    row(table, "loss, last", number("%.3f", summary.loss()));
    row(table, "gate open", share(summary.gateRate()));
    row(table, "bootstrapped", share(summary.bootstrappedShare()));
    row(table, "model version", number("%d", summary.modelVersion()));
    Summary.KnnAccuracy knn = summary.knnAccuracy();
    row(table, "kNN untrained", accuracy(knn.untrained(), knn.untrainedImages()));
    row(table, "kNN now", accuracy(knn.trained(), knn.finalImages()));
    row(table, "kNN raw pixels", accuracy(summary.rawPixelKnnAccuracy(), 0));
    return table.toString();
  }

  private static void row(StringBuilder table, String name, String value) {
    table.append(String.format(ROOT, "%-18s %s%n", name, value));
  }

  private static String number(String format, @Nullable Number value) {
    return value == null ? "-" : String.format(ROOT, format, value);
  }

  private static String share(@Nullable Double value) {
    return value == null ? "-" : percent(value);
  }

  private static String accuracy(@Nullable Double value, int images) {
    if (value == null) {
      return "-";
    }
    String accuracy = String.format(ROOT, "%.1f%%", 100 * value);
    return images == 0 ? accuracy : String.format(ROOT, "%s of %,d images", accuracy, images);
  }
}
