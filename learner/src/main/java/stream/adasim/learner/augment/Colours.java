package stream.adasim.learner.augment;

import java.util.random.RandomGenerator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Torchvision's colour operations (transforms.v1 on PIL images, as DINO uses them), in place on
 * three planes of floats in [0, 1]. Grey is ITU-R 601-2 luma, as PIL's.
 */
final class Colours {
  private static final float RED = 0.299f;
  private static final float GREEN = 0.587f;
  private static final float BLUE = 0.114f;
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final float SOLARISE_FROM = 128 / 255f;

  private final int plane;
  private final int[] order = new int[4];

  Colours(int plane) {
    this.plane = plane;
  }

  /**
   * ColorJitter: the four operations in random order, with factors drawn uniformly from 1 minus to
   * 1 plus the given (hue: minus to plus, in turns). An operation whose range is 0 is left out.
   */
  void jitter(
      float[] out,
      int at,
      double brightness,
      double contrast,
      double saturation,
      double hue,
      RandomGenerator random) {
    for (int i = 0; i < 4; i++) {
      int j = random.nextInt(i + 1); // Fisher and Yates, inside out
      order[i] = order[j];
      order[j] = i;
    }
    var brighter = factor(1, brightness, random);
    var stronger = factor(1, contrast, random);
    var purer = factor(1, saturation, random);
    var turned = factor(0, hue, random);
    for (int operation : order) {
      switch (operation) {
        case 0 -> brighten(out, at, brighter);
        case 1 -> contrast(out, at, stronger);
        case 2 -> saturate(out, at, purer);
        default -> {
          if (hue > 0) {
            turnHue(out, at, turned);
          }
        }
      }
    }
  }

  private static float factor(double centre, double range, RandomGenerator random) {
    return (float) (centre - range + 2 * range * random.nextDouble());
  }

  void brighten(float[] out, int at, float factor) {
    for (int i = at; i < at + 3 * plane; i++) {
      out[i] = clamp(out[i] * factor);
    }
  }

  /** Blends with the mean grey of the view. */
  void contrast(float[] out, int at, float factor) {
    float rest = (1 - factor) * meanGrey(out, at);
    for (int i = at; i < at + 3 * plane; i++) {
      out[i] = clamp(out[i] * factor + rest);
    }
  }

  private float meanGrey(float[] out, int at) {
    return (float)
        ((RED * sum(out, at) + GREEN * sum(out, at + plane) + BLUE * sum(out, at + 2 * plane))
            / plane);
  }

  // Four sums side by side: one would wait for each addition to finish.
  private double sum(float[] out, int at) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = at;
    for (; i + 3 < at + plane; i += 4) {
      a += out[i];
      b += out[i + 1];
      c += out[i + 2];
      d += out[i + 3];
    }
    for (; i < at + plane; i++) {
      a += out[i];
    }
    return a + b + (c + d);
  }

  /** Blends every pixel with its own grey. */
  void saturate(float[] out, int at, float factor) {
    int g = at + plane;
    int b = at + 2 * plane;
    for (int i = 0; i < plane; i++) {
      float grey = (RED * out[at + i] + GREEN * out[g + i] + BLUE * out[b + i]) * (1 - factor);
      out[at + i] = clamp(out[at + i] * factor + grey);
      out[g + i] = clamp(out[g + i] * factor + grey);
      out[b + i] = clamp(out[b + i] * factor + grey);
    }
  }

  /**
   * Turns the hue of the HSV representation by a part of the full circle, -1/2 to 1/2; value and
   * saturation stay.
   */
  void turnHue(float[] out, int at, float turn) {
    int g = at + plane;
    int b = at + 2 * plane;
    float sixths = turn < 0 ? 6 * turn + 6 : 6 * turn;
    int i = 0;
    for (; i + FLOATS.length() <= plane; i += FLOATS.length()) {
      turnHues(out, at + i, g + i, b + i, sixths);
    }
    for (; i < plane; i++) {
      turnHue(out, at + i, g + i, b + i, sixths);
    }
  }

  /** As many pixels as a vector has lanes: the lines of {@link #turnHue}, one by one. */
  private static void turnHues(float[] out, int r, int g, int b, float sixths) {
    FloatVector red = FloatVector.fromArray(FLOATS, out, r);
    FloatVector green = FloatVector.fromArray(FLOATS, out, g);
    FloatVector blue = FloatVector.fromArray(FLOATS, out, b);
    FloatVector max = red.max(green.max(blue));
    FloatVector chroma = max.sub(red.min(green.min(blue)));
    FloatVector scale = FloatVector.broadcast(FLOATS, 1).div(chroma.max(Float.MIN_NORMAL));
    FloatVector hue = red.sub(green).mul(scale).add(4);
    hue = hue.blend(blue.sub(red).mul(scale).add(2), max.compare(VectorOperators.EQ, green));
    hue = hue.blend(green.sub(blue).mul(scale), max.compare(VectorOperators.EQ, red)).add(sixths);
    store(out, r, max, chroma, hue.add(5));
    store(out, g, max, chroma, hue.add(3));
    store(out, b, max, chroma, hue.add(1));
  }

  private static void store(
      float[] out, int at, FloatVector max, FloatVector chroma, FloatVector k) {
    FloatVector once = k.sub(6);
    k = k.blend(once, once.compare(VectorOperators.GE, 0));
    once = k.sub(6);
    k = k.blend(once, once.compare(VectorOperators.GE, 0));
    FloatVector below = k.min(FloatVector.broadcast(FLOATS, 4).sub(k)).min(1).max(0);
    max.sub(chroma.mul(below)).intoArray(out, at);
  }

  private static void turnHue(float[] out, int r, int g, int b, float sixths) {
    float red = out[r];
    float green = out[g];
    float blue = out[b];
    float max = Math.max(red, Math.max(green, blue));
    float chroma = max - Math.min(red, Math.min(green, blue));
    float scale = chroma > 0 ? 1 / chroma : 0;
    // hue in sixths of the circle: red 0, green 2, blue 4
    float hue =
        max == red
            ? (green - blue) * scale
            : max == green ? 2 + (blue - red) * scale : 4 + (red - green) * scale;
    hue += sixths; // -1 to 11
    out[r] = max - chroma * below(hue + 5);
    out[g] = max - chroma * below(hue + 3);
    out[b] = max - chroma * below(hue + 1);
  }

  /**
   * How far a channel is below the maximum, as a share of the chroma: {@code max(0, min(k, 4 - k,
   * 1))} with k the given sixths modulo 6, here 0 to 17 (Smith 1978 in closed form).
   */
  private static float below(float sixths) {
    float k = sixths >= 12 ? sixths - 12 : sixths >= 6 ? sixths - 6 : sixths;
    return Math.max(0, Math.min(Math.min(k, 4 - k), 1));
  }

  void grey(float[] out, int at) {
    int g = at + plane;
    int b = at + 2 * plane;
    for (int i = 0; i < plane; i++) {
      float grey = RED * out[at + i] + GREEN * out[g + i] + BLUE * out[b + i];
      out[at + i] = grey;
      out[g + i] = grey;
      out[b + i] = grey;
    }
  }

  /** Inverts what is at or above 128 of 255. */
  void solarise(float[] out, int at) {
    for (int i = at; i < at + 3 * plane; i++) {
      out[i] = out[i] >= SOLARISE_FROM ? 1 - out[i] : out[i];
    }
  }

  private static float clamp(float value) {
    return Math.min(Math.max(value, 0), 1);
  }
}
