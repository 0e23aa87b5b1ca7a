package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;

/** How far rounded results are from exact ones. */
final class Distances {
  private Distances() {}

  /** Length of the difference over the length of what is expected. */
  static double relative(float[] found, float[] expected) {
    double difference = 0;
    double length = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(found[i] - expected[i], 2);
      length += Math.pow(expected[i], 2);
    }
    assertThat(found).hasSameSizeAs(expected);
    return Math.sqrt(difference / length);
  }
}
