package stream.adasim.standalone.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import stream.adasim.standalone.status.SystemStatus.Service;
import stream.adasim.standalone.status.SystemStatus.TopicState;
import stream.adasim.standalone.status.SystemStatus.Training;

/** A status as one screen of text. */
public final class StatusScreen {
  private StatusScreen() {}

  /** Lines, the last one ended too. */
  public static String of(SystemStatus status) {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(Locale.ROOT, "AdaSim Stream at %s, %s", status.broker(), status.at()));
    lines.add("");
    lines.add(
        String.format(Locale.ROOT, "%-10s %7s  %-20s %10s", "service", "members", "state", "lag"));
    for (Service service : status.services()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-10s %7d  %-20s %10s%s",
              service.name(),
              service.members(),
              service.state().toLowerCase(Locale.ROOT).replace('_', ' '),
              service.lag() == null ? "-" : String.format(Locale.ROOT, "%,d", service.lag()),
              service.topic() == null ? "" : " of " + service.topic()));
    }
    lines.add("");
    lines.add(String.format(Locale.ROOT, "%-28s %10s %12s", "topic", "partitions", "records"));
    for (TopicState topic : status.topics()) {
      lines.add(
          String.format(
              Locale.ROOT, "%-28s %10d %,12d", topic.name(), topic.partitions(), topic.records()));
    }
    lines.add("");
    for (Training training : status.training()) {
      lines.addAll(training(training));
    }
    if (status.training().isEmpty()) {
      lines.add("training   nothing was said yet");
    }
    lines.add(freshness(status));
    lines.add(
        String.format(
            Locale.ROOT,
            "dead       %,d dead letters are kept",
            status.records("images.dead-letter")));
    status.missing().forEach(what -> lines.add("unknown    " + what));
    lines.add(status.alarms().isEmpty() ? "alarms     none" : "");
    status.alarms().forEach(alarm -> lines.add("ALARM      " + alarm));
    return String.join("\n", lines) + "\n";
  }

  private static List<String> training(Training training) {
    return List.of(
        String.format(
            Locale.ROOT,
            "training   %s: step %,d, loss %.2f, gate %.0f %%, bootstrapped %.0f %%, tau %.3f, %s"
                + " ago",
            training.learner(),
            training.step(),
            training.loss(),
            100 * training.gateRate(),
            100 * training.bootstrappedShare(),
            training.temperature(),
            age(training.ageSeconds())),
        String.format(
            Locale.ROOT,
            "model      %s v%d, %.0f images/s, window of %,d images, batch entropy %.2f of %.2f"
                + " nats",
            training.modelId(),
            training.modelVersion(),
            training.imagesPerSecond(),
            training.windowImages(),
            training.batchEntropy(),
            training.maxEntropy()));
  }

  private static String freshness(SystemStatus status) {
    SystemStatus.Freshness freshness = status.freshness();
    return freshness == null
        ? "freshness  no arrival is among the newest embeddings"
        : String.format(
            Locale.ROOT,
            "freshness  p50 %s, p95 %s, capture to embedding of the newest %d",
            age(freshness.p50Seconds()),
            age(freshness.p95Seconds()),
            freshness.embeddings());
  }

  private static String age(double seconds) {
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.0f min", seconds / 60)
        : String.format(Locale.ROOT, "%.0f h", seconds / 3600);
  }
}
