package stream.adasim.learner.objective;

/** A number that depends on the global step, which counts from 0. A pure function. */
public sealed interface Schedule {
  /** Value at a step. */
  double at(long step);

  /** The same at every step. */
  record Constant(double value) implements Schedule {
    @Override
    public double at(long step) {
      return value;
    }
  }

  /** A straight line from start, at step 0, to end, at step {@code steps} and from there on. */
  record Linear(double start, double end, long steps) implements Schedule {
    public Linear {
      notNegative(steps);
    }

    @Override
    public double at(long step) {
      return step >= steps ? end : start + (end - start) * step / steps;
    }
  }

  /**
   * Half a cosine from start, at step 0, to end, at step {@code steps} and from there on: {@code
   * end + (start - end) (1 + cos(pi step / steps)) / 2}.
   */
  record Cosine(double start, double end, long steps) implements Schedule {
    public Cosine {
      notNegative(steps);
    }

    @Override
    public double at(long step) {
      // StrictMath, so that a run gives the same weights on every machine.
      return step >= steps
          ? end
          : end + (start - end) * (1 + StrictMath.cos(StrictMath.PI * step / steps)) / 2;
    }
  }

  /**
   * From 0 in a straight line to the start of another schedule, which runs from step {@code steps}
   * on. The line's point at a step is that of its end, {@code (step + 1) / steps}, so that the
   * first step already moves; DINO's first moves nothing.
   */
  record WarmUp(long steps, Schedule then) implements Schedule {
    public WarmUp {
      notNegative(steps);
    }

    @Override
    public double at(long step) {
      return step >= steps ? then.at(step - steps) : then.at(0) * (step + 1) / steps;
    }
  }

  private static void notNegative(long steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("steps=" + steps + " must be 0 or more");
    }
  }
}
