package stream.adasim.learner.adasim;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import stream.adasim.learner.checkpoint.Strings;

/**
 * How often images were others' partners: within the pass under way, and as a moving average over
 * passes, of which each counts half. Not thread-safe.
 */
public final class Usage {
  private static final double KEPT = 0.5;

  /** Averages below this are forgotten. */
  private static final double LEAST = 1.0 / 64;

  private final Map<String, Integer> now = new LinkedHashMap<>();
  private final Map<String, Double> average = new LinkedHashMap<>();
  private double total;
  private long passes;

  /** Notes that an image became another's partner. */
  public void used(String id) {
    now.merge(id, 1, Integer::sum);
  }

  /** Begins a new pass wherever a whole number of passes was completed. */
  public void passes(double done) {
    if ((long) done <= passes) {
      return;
    }
    passes = (long) done;
    average.replaceAll((id, u) -> KEPT * u);
    now.forEach((id, count) -> average.merge(id, (1 - KEPT) * count, Double::sum));
    average.values().removeIf(u -> u < LEAST);
    total = average.values().stream().mapToDouble(u -> u).sum();
    now.clear();
  }

  /** How often an image was a partner in this pass. */
  int inPass(String id) {
    return now.getOrDefault(id, 0);
  }

  /**
   * u / mean u of an image; 0 where nobody was a partner yet.
   *
   * @param images in the window
   */
  double relative(String id, int images) {
    return total == 0 ? 0 : average.getOrDefault(id, 0.0) * images / total;
  }

  public void save(DataOutput out) throws IOException {
    out.writeLong(passes);
    out.writeDouble(total);
    out.writeInt(now.size());
    for (Map.Entry<String, Integer> entry : now.entrySet()) {
      Strings.write(out, entry.getKey());
      out.writeInt(entry.getValue());
    }
    out.writeInt(average.size());
    for (Map.Entry<String, Double> entry : average.entrySet()) {
      Strings.write(out, entry.getKey());
      out.writeDouble(entry.getValue());
    }
  }

  public void restore(DataInput in) throws IOException {
    passes = in.readLong();
    total = in.readDouble();
    for (int i = in.readInt(); i > 0; i--) {
      now.put(Strings.read(in), in.readInt());
    }
    for (int i = in.readInt(); i > 0; i--) {
      average.put(Strings.read(in), in.readDouble());
    }
  }
}
