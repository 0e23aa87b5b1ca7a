import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;

/**
 * Makes a labelled stream from Fashion-MNIST in which neighbours know what no crop or colour jitter
 * does: things that are seen again and again, each time turned by any angle and lit from another
 * side, and things that are seen once. The label is the thing, not its class. Views in `train` and
 * `test` differ, the things are the same. The same arguments give the same pixels.
 *
 * <pre>
 * java Turntable.java train-images-idx3-ubyte.gz turntable.zip things=200 views=12 tests=5 once=600
 * </pre>
 */
final class Turntable {
  private static final int FROM = 28;
  private static final int SIDE = 32;

  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      System.err.println(
          "Usage: java Turntable.java IMAGES.gz OUT.zip [things=200] [views=12] [tests=5] [once=600]"
              + " [turn=360] [light=0.5] [clutter=0] [spots=0] [noise=0] [seed=1]");
      System.exit(2);
    }
    Map<String, Double> given =
        Pack.numbers(
            args,
            Map.of(
                "things", 200.0, "views", 12.0, "tests", 5.0, "once", 600.0, "turn", 360.0,
                "light", 0.5, "clutter", 0.0, "spots", 0.0, "noise", 0.0, "seed", 1.0));
    int things = given.get("things").intValue();
    int once = given.get("once").intValue();
    Random random = new Random(given.get("seed").longValue());
    List<byte[]> originals = originals(Path.of(args[0]), things + once, random);
    Pack pack = new Pack();
    for (int i = 0; i < originals.size(); i++) {
      String name = (i < things ? "thing-%04d" : "once-%04d").formatted(i);
      int train = i < things ? given.get("views").intValue() : 1;
      int test = i < things ? given.get("tests").intValue() : 0;
      for (int v = 0; v < train + test; v++) {
        double turn = Math.toRadians(random.nextDouble() * given.get("turn"));
        double from = random.nextDouble() * 2 * Math.PI;
        double light = random.nextDouble() * given.get("light");
        double[][] behind = clutter(given.get("clutter"), random);
        BufferedImage view = view(originals.get(i), turn, from, light, behind);
        if (given.get("spots") > 0 || given.get("noise") > 0) {
          view = coloured(view);
          Lens.spot(view, given.get("spots").intValue(), random);
          Lens.noise(view, given.get("noise"), random);
        }
        pack.add(v < train, name, v, view);
      }
    }
    pack.write(Path.of(args[1]), random);
  }

  /** The same values in three bands, in which spots have colours. */
  private static BufferedImage coloured(BufferedImage grey) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        image.setRGB(x, y, grey.getRaster().getSample(x, y, 0) * 0x010101);
      }
    }
    return image;
  }

  /** So many images of the file, at random, each once. */
  private static List<byte[]> originals(Path file, int count, Random random) throws IOException {
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      byte[] all = in.readAllBytes();
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < (all.length - 16) / (FROM * FROM); i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      List<byte[]> chosen = new ArrayList<>();
      for (int i : order.subList(0, count)) {
        int start = 16 + i * FROM * FROM;
        chosen.add(java.util.Arrays.copyOfRange(all, start, start + FROM * FROM));
      }
      return chosen;
    }
  }

  /**
   * Turned about its centre, darker towards one side, and in front of something.
   *
   * @param from where the light comes from
   * @param light share of the light that is missing at the far end
   * @param behind brightness of what shines through where the thing is dark
   */
  private static BufferedImage view(byte[] original, double turn, double from, double light, double[][] behind) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
    double middle = (SIDE - 1) / 2.0;
    double cos = StrictMath.cos(turn);
    double sin = StrictMath.sin(turn);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double dx = x - middle;
        double dy = y - middle;
        double value =
            at(original, cos * dx - sin * dy + (FROM - 1) / 2.0, sin * dx + cos * dy + (FROM - 1) / 2.0);
        double along = (dx * StrictMath.cos(from) + dy * StrictMath.sin(from)) / SIDE; // about -.7 to .7
        double lit = value * (1 - light * (along / 1.4 + 0.5));
        double seen = lit + (1 - lit / 255) * behind[y][x];
        image.getRaster().setSample(x, y, 0, (int) StrictMath.rint(Math.clamp(seen, 0, 255)));
      }
    }
    return image;
  }

  /** Blotches of two sizes that no other view has, up to so much of white; none draws nothing. */
  private static double[][] clutter(double most, Random random) {
    double[][] field = new double[SIDE][SIDE];
    if (most == 0) {
      return field;
    }
    for (int cells : new int[] {4, 8}) {
      double[][] knots = new double[cells + 1][cells + 1];
      for (double[] row : knots) {
        for (int i = 0; i <= cells; i++) {
          row[i] = random.nextDouble() * most * 255 / 2;
        }
      }
      int step = SIDE / cells;
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          double right = (double) (x % step) / step;
          double down = (double) (y % step) / step;
          double[] above = knots[y / step];
          double[] below = knots[y / step + 1];
          field[y][x] +=
              (1 - down) * ((1 - right) * above[x / step] + right * above[x / step + 1])
                  + down * ((1 - right) * below[x / step] + right * below[x / step + 1]);
        }
      }
    }
    return field;
  }

  /** Between four pixels, black outside. */
  private static double at(byte[] original, double x, double y) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double right = x - left;
    double down = y - top;
    return (1 - down) * ((1 - right) * pixel(original, left, top) + right * pixel(original, left + 1, top))
        + down
            * ((1 - right) * pixel(original, left, top + 1)
                + right * pixel(original, left + 1, top + 1));
  }

  private static int pixel(byte[] original, int x, int y) {
    return x < 0 || y < 0 || x >= FROM || y >= FROM ? 0 : original[y * FROM + x] & 0xff;
  }
}
