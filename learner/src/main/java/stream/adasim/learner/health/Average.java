package stream.adasim.learner.health;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** A moving average over mini-epochs; NaN is passed over. Not thread-safe. */
final class Average {
  /** What stays of the average with each mini-epoch. */
  private static final double KEPT = 0.7;

  private static final int LEAST = 3;
  private double average;
  private int count;

  void add(double value) {
    if (!Double.isNaN(value)) {
      average = count == 0 ? value : KEPT * average + (1 - KEPT) * value;
      count++;
    }
  }

  /** NaN before three values came. */
  double value() {
    return count < LEAST ? Double.NaN : average;
  }

  void save(DataOutput out) throws IOException {
    out.writeDouble(average);
    out.writeInt(count);
  }

  void restore(DataInput in) throws IOException {
    average = in.readDouble();
    count = in.readInt();
  }
}
