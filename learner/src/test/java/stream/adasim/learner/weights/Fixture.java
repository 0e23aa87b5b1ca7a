package stream.adasim.learner.weights;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/** Numbers that bench/peers/weights.py wrote, and the pseudo-random ones that it started from. */
public final class Fixture {
  private long state;

  public Fixture(long seed) {
    state = seed;
  }

  /** Within -1 and 1, the same as in Python. */
  public float[] take(int size) {
    float[] x = new float[size];
    for (int i = 0; i < size; i++) {
      state = (state * 1103515245L + 12345) % (1L << 31);
      x[i] = (float) (state / (double) (1L << 30) - 1);
    }
    return x;
  }

  /** As Python fills a tensor of this name. */
  public float[] fill(String name, List<Integer> shape) {
    float[] x = take(shape.stream().reduce(1, Math::multiplyExact));
    boolean one = name.endsWith("running_var") || (shape.size() == 1 && name.endsWith("weight"));
    for (int i = 0; i < x.length; i++) {
      x[i] = one ? 1 + 0.3f * x[i] : 0.4f * x[i];
    }
    return x;
  }

  /** Lines of a name and numbers, from a resource beside this class or from an absolute place. */
  public static SequencedMap<String, double[]> read(String name) throws IOException {
    var lines = new LinkedHashMap<String, double[]>();
    try (InputStream in = Objects.requireNonNull(Fixture.class.getResourceAsStream(name), name);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] words = line.split(" ", -1);
        lines.put(
            words[0],
            Arrays.stream(words, 1, words.length).mapToDouble(Double::parseDouble).toArray());
      }
    }
    return lines;
  }

  /** Largest difference, relative to the largest expected magnitude. */
  public static double apart(float[] found, double[] expected) {
    if (found.length != expected.length) {
      throw new AssertionError("found " + found.length + " numbers, expected " + expected.length);
    }
    double worst = 0;
    double largest = 1e-30;
    for (int i = 0; i < found.length; i++) {
      worst = Math.max(worst, Math.abs(found[i] - expected[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return worst / largest;
  }

  public static double[] of(Map<String, double[]> lines, String name) {
    return Objects.requireNonNull(lines.get(name), name);
  }
}
