package stream.adasim.learner.adasim;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import stream.adasim.learner.objective.Schedule;

/**
 * The temperature of AdaSim's choice. The adaptive one solves, for the candidates of a batch's open
 * gates,
 *
 * <pre>mean(1 - p_self(T)) = b* / gate rate,  b* = b_max clip((q - 0.3) / (0.7 - 0.3), 0, 1)</pre>
 *
 * <p>by bisection, q the quality of the latent space, and smooths log T by 0.9. Until a quality is
 * known, and after an alarm until two clean mini-epochs, b* is 0 and so is the temperature: plain
 * self-distillation. Where too few gates are open the temperature stays at its upper limit; the
 * gate itself is never loosened. Not thread-safe.
 */
public final class Temperature {
  static final double LEAST = 1e-4;
  static final double MOST = 0.2;
  private static final double LOW_QUALITY = 0.3;
  private static final double HIGH_QUALITY = 0.7;
  private static final double KEPT = 0.9;
  private static final int HALVINGS = 25;
  private static final int CLEAN = 2;

  /**
   * How the temperature is set.
   *
   * @param start the fixed one, the first of a schedule, and where adaptation begins
   * @param end the last of a schedule
   * @param steps that a schedule takes
   * @param mostBootstrapped b_max, within 0..1
   */
  public record Settings(
      TemperatureMode mode, double start, double end, long steps, double mostBootstrapped) {
    /** Always the same. */
    public static Settings fixed(double temperature) {
      return new Settings(TemperatureMode.FIXED, temperature, temperature, 0, 0);
    }
  }

  private final Settings settings;
  private double log;
  private double quality = Double.NaN;
  private int cleanNeeded;

  public Temperature(Settings settings) {
    this.settings = settings;
    log = Math.log(Math.clamp(settings.start(), LEAST, MOST));
  }

  /** Whether {@link #adapt} wants to see candidates. */
  public boolean adapts() {
    return settings.mode() == TemperatureMode.ADAPTIVE && target() > 0;
  }

  /** The temperature of a step. */
  public double at(long step) {
    return switch (settings.mode()) {
      case FIXED -> settings.start();
      case SCHEDULED ->
          new Schedule.Linear(settings.start(), settings.end(), settings.steps()).at(step);
      case COSINE ->
          new Schedule.Cosine(settings.start(), settings.end(), settings.steps()).at(step);
      case ADAPTIVE -> target() == 0 ? 0 : Math.exp(log);
    };
  }

  /** The share of images to be bootstrapped, b*. */
  double target() {
    if (Double.isNaN(quality) || cleanNeeded > 0) {
      return 0;
    }
    return settings.mostBootstrapped()
        * Math.clamp((quality - LOW_QUALITY) / (HIGH_QUALITY - LOW_QUALITY), 0, 1);
  }

  /**
   * Takes in what a mini-epoch measured.
   *
   * @param measured quality of the latent space, within 0..1
   * @param alarm whether something was wrong in it
   */
  public void miniEpoch(double measured, boolean alarm) {
    quality = measured;
    cleanNeeded = alarm ? CLEAN : Math.max(0, cleanNeeded - 1);
  }

  /**
   * Takes in a batch.
   *
   * @param open candidates of the images whose gate is open
   * @param batch number of images in the batch
   */
  public void adapt(List<Candidates> open, int batch) {
    if (open.isEmpty()) {
      return;
    }
    double wanted = target() * batch / open.size();
    double low = Math.log(LEAST);
    double high = Math.log(MOST);
    for (int i = 0; i < HALVINGS; i++) {
      double middle = (low + high) / 2;
      double temperature = Math.exp(middle);
      double share =
          open.stream().mapToDouble(c -> c.bootstrapped(temperature)).sum() / open.size();
      if (share < wanted) {
        low = middle;
      } else {
        high = middle;
      }
    }
    log = KEPT * log + (1 - KEPT) * high;
  }

  public void save(DataOutput out) throws IOException {
    out.writeDouble(log);
    out.writeDouble(quality);
    out.writeInt(cleanNeeded);
  }

  public void restore(DataInput in) throws IOException {
    log = in.readDouble();
    quality = in.readDouble();
    cleanNeeded = in.readInt();
  }
}
