package stream.adasim.standalone.monitor;

import static java.util.Locale.ROOT;

import java.time.Duration;
import java.util.stream.Collectors;
import stream.adasim.avro.TrainingProgress;

/**
 * One line that says how it goes: {@code 00:42 images 6,000 embedded 6,000 dead 0 | step 310 98
 * img/s loss 6.21 gate 12% bootstrapped 4% tau 0.010 | kNN 31.2% (2,000 of v12) model v12}.
 */
public final class LiveLine {
  private LiveLine() {}

  /** The line, without a line break. What nothing is known of yet is left out or shown as -. */
  public static String of(Status status) {
    StringBuilder line = new StringBuilder(160);
    line.append(clock(status.elapsed()))
        .append(
            String.format(ROOT, "  images %,d  embedded %,d", status.images(), status.embeddings()))
        .append(String.format(ROOT, "  dead %,d", status.deadLetters()));
    if (status.deleted() > 0) {
      line.append(String.format(ROOT, "  deleted %,d", status.deleted()));
    }
    TrainingProgress progress = status.progress();
    line.append(" | ").append(progress == null ? "no step yet" : training(progress));
    line.append(" | ").append(quality(status));
    if (progress != null && !progress.getAlarms().isEmpty()) {
      line.append(" | ").append(alarms(progress));
    }
    return line.toString();
  }

  /** Minutes and seconds, with hours in front where there are any. */
  static String clock(Duration elapsed) {
    String minutes =
        String.format(ROOT, "%02d:%02d", elapsed.toMinutesPart(), elapsed.toSecondsPart());
    return elapsed.toHours() == 0
        ? minutes
        : String.format(ROOT, "%d:%s", elapsed.toHours(), minutes);
  }

  /** A share of 1 as per cent, without decimals. */
  static String percent(double share) {
    return String.format(ROOT, "%.0f%%", 100 * share);
  }

  private static String training(TrainingProgress progress) {
    return String.format(
        ROOT,
        "step %,d  %.0f img/s  loss %.2f  gate %s  bootstrapped %s  tau %.3f",
        progress.getStep(),
        progress.getImagesPerSecond(),
        progress.getLoss(),
        percent(progress.getGateRate()),
        percent(progress.getBootstrappedShare()),
        progress.getTemperature());
  }

  /** Names alone; the figures behind them are in the record. */
  private static String alarms(TrainingProgress progress) {
    String names =
        progress.getAlarms().stream()
            .map(alarm -> alarm.split(":", 2)[0])
            .collect(Collectors.joining(", "));
    return progress.getHealthAction().equals("none")
        ? "ALARM " + names
        : "ALARM " + names + " -> " + progress.getHealthAction();
  }

  private static String quality(Status status) {
    Accuracy accuracy = status.accuracy();
    TrainingProgress progress = status.progress();
    if (accuracy == null) {
      return progress == null
          ? "kNN -"
          : String.format(ROOT, "kNN -  model v%d", progress.getModelVersion());
    }
    // Whose accuracy it is, and of how many vectors, as fewer alone make for a lower one.
    String knn =
        String.format(
            ROOT,
            "kNN %.1f%% (%,d of v%d)",
            100 * accuracy.value(),
            accuracy.images(),
            accuracy.modelVersion());
    return progress == null
        ? knn
        : String.format(ROOT, "%s  model v%d", knn, progress.getModelVersion());
  }
}
