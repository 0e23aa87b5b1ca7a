package stream.adasim.bench.step;

import java.io.IOException;
import java.util.List;
import stream.adasim.bench.contest.Contestant;

/** Takes training steps, or embeds, when told to. */
final class StepContestant extends Contestant {
  /**
   * A step allocates nothing on the heap, so that the smallest collector serves; the JVM's own
   * choice keeps what the start left behind, 160 MB.
   */
  private static final List<String> SMALL_HEAP = List.of("-XX:+UseSerialGC", "-XX:MaxNewSize=24m");

  StepContestant(String name, ProcessBuilder builder) throws IOException {
    super(name, builder);
  }

  /**
   * Starts the learner's step with one of our backends.
   *
   * @param task train or embed
   * @param warmUp steps before it is ready
   */
  static StepContestant ours(String backend, String task, StepShape shape, int warmUp)
      throws IOException {
    List<String> command = java("256m", StepPeer.class);
    command.addAll(1, SMALL_HEAP);
    command.addAll(List.of("--backend=" + backend, "--task=" + task, "--warm-up=" + warmUp));
    command.add("--our-precision=" + shape.precision);
    command.addAll(shape.arguments());
    return new StepContestant("ours, " + backend, new ProcessBuilder(command));
  }

  /** Lets it take so many steps. */
  void run(int steps) throws IOException {
    time("steps", steps);
  }

  /** The product rate that it reaches, GFLOP/s. */
  double rate() throws IOException {
    return Double.parseDouble(ask("rate", "rate "));
  }
}
