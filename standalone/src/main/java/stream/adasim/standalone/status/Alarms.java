package stream.adasim.standalone.status;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import stream.adasim.standalone.status.SystemStatus.Service;
import stream.adasim.standalone.status.SystemStatus.Training;

/** What of a status wants somebody's attention; deploy/observe/alerts.yml has the same limits. */
final class Alarms {
  private static final double SILENT_SECONDS = 60;
  private static final double COLLAPSED = 0.1;
  private static final long LAG = 10_000;
  private static final double STALE_SECONDS = 60;
  private static final long GATE_STEPS = 2_000;

  private Alarms() {}

  static List<String> of(SystemStatus status) {
    List<String> alarms = new ArrayList<>();
    for (Service service : status.services()) {
      if (service.members() == 0) {
        alarms.add("no " + service.name() + " is running");
      }
      if (service.lag() != null && service.lag() > LAG) {
        alarms.add(
            String.format(
                Locale.ROOT,
                "%s is %,d records of %s behind",
                service.name(),
                service.lag(),
                String.valueOf(service.topic())));
      }
    }
    status.training().stream().findFirst().ifPresent(newest -> training(newest, alarms));
    if (status.freshness() != null && status.freshness().p50Seconds() > STALE_SECONDS) {
      alarms.add(
          String.format(
              Locale.ROOT, "half of the newest embeddings are older than %.0f s", STALE_SECONDS));
    }
    return alarms;
  }

  private static void training(Training newest, List<String> alarms) {
    if (newest.ageSeconds() > SILENT_SECONDS) {
      alarms.add(
          String.format(Locale.ROOT, "training has said nothing for %.0f s", newest.ageSeconds()));
    }
    if (newest.maxEntropy() > 0 && newest.batchEntropy() < COLLAPSED * newest.maxEntropy()) {
      alarms.add(
          String.format(
              Locale.ROOT,
              "the model collapses: batch entropy is %.2f of %.2f nats",
              newest.batchEntropy(),
              newest.maxEntropy()));
    }
    for (String alarm : newest.healthAlarms()) {
      alarms.add("latent space, action " + newest.healthAction() + ": " + alarm);
    }
    if (newest.step() > GATE_STEPS && newest.gateRate() < 0.01) {
      alarms.add(
          String.format(
              Locale.ROOT,
              "the gate is shut: open for %.1f %% of images",
              100 * newest.gateRate()));
    }
  }
}
