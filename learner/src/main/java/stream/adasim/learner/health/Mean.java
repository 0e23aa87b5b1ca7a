package stream.adasim.learner.health;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** A mean of numbers that come one by one; NaN is passed over. Not thread-safe. */
final class Mean {
  private double sum;
  private long count;

  void add(double value) {
    if (!Double.isNaN(value)) {
      sum += value;
      count++;
    }
  }

  /** NaN where fewer than {@code least} came. */
  double value(int least) {
    return count < Math.max(1, least) ? Double.NaN : sum / count;
  }

  void save(DataOutput out) throws IOException {
    out.writeDouble(sum);
    out.writeLong(count);
  }

  void restore(DataInput in) throws IOException {
    sum = in.readDouble();
    count = in.readLong();
  }
}
