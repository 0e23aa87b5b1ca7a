import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;

/**
 * Makes a labelled stream from photographs: of some, parts are seen again and again, each time turned,
 * leaning and lit from another side, through other spots on the lens and with other noise, which no
 * crop or colour jitter does; of the others one part is seen once, so that its nearest neighbour is
 * never right. With `cameras`, spots belong to a camera instead of a view: each thing is seen by one
 * after the other, images lie in a folder of their camera, and those in `test` come from as many
 * others, so that what is nearest to an image may be another thing behind the same spots. With
 * `dissolve`, each view that is learnt from is one of two frames of a cut from one photograph to
 * another, through the same lens: what is nearest to it shows something else. The label is the
 * photograph. Views in `train` and `test` differ, the photographs are the same. The same arguments
 * give the same pixels.
 *
 * <pre>
 * java Again.java test.tar again.zip photographs=100 views=10 tests=20 once=1000
 * java Again.java test.tar spots.zip turn=0 lean=0 light=0 spots=20 noise=0.1
 * java Again.java test.tar cameras.zip views=40 once=0 spots=100 cameras=40
 * </pre>
 */
final class Again {
  private static final int SIDE = 32;
  private static final int BLOCK = 512;

  public static void main(String[] args) throws IOException {
    Map<String, Double> defaults =
        Map.ofEntries(
            Map.entry("photographs", 100.0),
            Map.entry("views", 10.0),
            Map.entry("tests", 20.0),
            Map.entry("once", 1000.0),
            Map.entry("turn", 360.0), // degrees
            Map.entry("lean", 0.3), // of the height
            Map.entry("light", 0.8), // that may be missing at the far end
            Map.entry("part", 0.5), // of the side, at least
            Map.entry("spots", 0.0), // on each lens
            Map.entry("cameras", 0.0), // to learn from; 0 for a lens of its own for each view
            Map.entry("noise", 0.0), // standard deviation, of the full range
            Map.entry("defocused", 0.0), // share of the views
            Map.entry("defocus", 6.0), // radius, in pixels
            Map.entry("dissolve", 0.0), // share of another view in each that is learnt from
            Map.entry("seed", 1.0));
    if (args.length < 2) {
      System.err.println("Usage: java Again.java PACK.tar OUT.zip [NAME=NUMBER ...], of " + defaults);
      System.exit(2);
    }
    Map<String, Double> given = Pack.numbers(args, defaults);
    int again = given.get("photographs").intValue();
    Random random = new Random(given.get("seed").longValue());
    List<BufferedImage> photographs =
        photographs(Path.of(args[0]), again + given.get("once").intValue(), random);
    Pack pack = new Pack();
    List<Frame> dissolving = new ArrayList<>();
    for (int i = 0; i < photographs.size(); i++) {
      String name = (i < again ? "again-%04d" : "once-%04d").formatted(i);
      int train = i < again ? given.get("views").intValue() : 1;
      int test = i < again ? given.get("tests").intValue() : 0;
      for (int v = 0; v < train + test; v++) {
        double turn = Math.toRadians((random.nextDouble() - 0.5) * given.get("turn"));
        double lean = (2 * random.nextDouble() - 1) * given.get("lean");
        double from = random.nextDouble() * 2 * Math.PI;
        double light = random.nextDouble() * given.get("light");
        double part = given.get("part") + (1 - given.get("part")) * random.nextDouble() / 2;
        double left = (2 * random.nextDouble() - 1) * (1 - part) / 2;
        double up = (2 * random.nextDouble() - 1) * (1 - part) / 2;
        Look look = new Look(turn, lean, part, left, up);
        BufferedImage view = view(photographs.get(i), look, from, light);
        if (v < train && given.get("dissolve") > 0) {
          dissolving.add(new Frame(name, v, view));
        } else {
          int cameras = given.get("cameras").intValue();
          int camera = cameras == 0 ? 0 : v < train ? v % cameras : cameras + (v - train) % cameras;
          long lens = 1000 * given.get("seed").longValue() + camera;
          Lens.spot(
              view, given.get("spots").intValue(), cameras == 0 ? random : new Random(lens));
          expose(view, given, random);
          String folder = cameras == 0 ? name : "camera-%02d/%s".formatted(camera, name);
          pack.add(v < train, folder, v, view);
        }
      }
    }
    Collections.shuffle(dissolving, random);
    for (int i = 0; i < dissolving.size(); i += 2) {
      List<Frame> two = dissolving.subList(i, Math.min(i + 2, dissolving.size()));
      Lens.dissolve(two.getFirst().view, two.getLast().view, given.get("dissolve"));
      long lens = random.nextLong();
      for (Frame frame : two) {
        Lens.spot(frame.view, given.get("spots").intValue(), new Random(lens));
        expose(frame.view, given, random);
        pack.add(true, frame.name, frame.number, frame.view);
      }
    }
    pack.write(Path.of(args[1]), random);
  }

  /** One view of what the name says. */
  private record Frame(String name, int number, BufferedImage view) {}

  /** What the camera adds to each view by itself. */
  private static void expose(BufferedImage view, Map<String, Double> given, Random random) {
    double defocused = given.get("defocused");
    if (defocused > 0 && random.nextDouble() < defocused) {
      Lens.defocus(view, given.get("defocus").intValue());
    }
    Lens.noise(view, given.get("noise"), random);
  }

  /** So many of the pack's photographs, at random, each once. */
  private static List<BufferedImage> photographs(Path pack, int count, Random random)
      throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (InputStream in = Files.newInputStream(pack)) {
      for (byte[] head = in.readNBytes(BLOCK);
          head.length == BLOCK && head[0] != 0;
          head = in.readNBytes(BLOCK)) {
        int size =
            Integer.parseInt(new String(head, 124, 11, StandardCharsets.US_ASCII).strip(), 8);
        byte[] content = in.readNBytes(size);
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
        if (size > 0) {
          files.add(content);
        }
      }
    }
    if (files.size() < count) {
      throw new IllegalArgumentException(
          pack + " holds " + files.size() + " files, but " + count + " photographs are asked for");
    }
    Collections.shuffle(files, random);
    List<BufferedImage> chosen = new ArrayList<>();
    for (byte[] file : files.subList(0, count)) {
      chosen.add(ImageIO.read(new ByteArrayInputStream(file)));
    }
    return chosen;
  }

  /**
   * Where the camera looks.
   *
   * @param turn in radians
   * @param lean how far the top leans over, as a share of the height
   * @param part side of what is seen, as a share of the photograph's
   * @param left of the photograph's centre, as a share of its side
   * @param up of the centre, likewise
   */
  private record Look(double turn, double lean, double part, double left, double up) {}

  /**
   * A part of it, leaning, turned about its centre and darker towards one side; beyond its edges it
   * goes on as in a mirror.
   *
   * @param from where the light comes from
   * @param light share of the light that is missing at the far end
   */
  private static BufferedImage view(
      BufferedImage photograph, Look look, double from, double light) {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    double middle = (SIDE - 1) / 2.0;
    double cos = look.part() * StrictMath.cos(look.turn());
    double sin = look.part() * StrictMath.sin(look.turn());
    double scaleX = (double) photograph.getWidth() / SIDE;
    double scaleY = (double) photograph.getHeight() / SIDE;
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        double dx = x - middle;
        double dy = y - middle;
        double along = (dx * StrictMath.cos(from) + dy * StrictMath.sin(from)) / SIDE; // -.7 to .7
        double lit = 1 - light * (along / 1.4 + 0.5);
        double fromX =
            (cos * dx - sin * dy + look.lean() * dy + middle + look.left() * SIDE) * scaleX;
        double fromY = (sin * dx + cos * dy + middle + look.up() * SIDE) * scaleY;
        int rgb = 0;
        for (int band = 0; band < 3; band++) {
          double value = lit * at(photograph, fromX, fromY, band);
          rgb = rgb << 8 | (int) StrictMath.rint(Math.clamp(value, 0, 255));
        }
        image.setRGB(x, y, rgb);
      }
    }
    return image;
  }

  /** Between four pixels. */
  private static double at(BufferedImage photograph, double x, double y, int band) {
    int left = (int) Math.floor(x);
    int top = (int) Math.floor(y);
    double right = x - left;
    double down = y - top;
    double above =
        (1 - right) * pixel(photograph, left, top, band)
            + right * pixel(photograph, left + 1, top, band);
    double below =
        (1 - right) * pixel(photograph, left, top + 1, band)
            + right * pixel(photograph, left + 1, top + 1, band);
    return (1 - down) * above + down * below;
  }

  private static int pixel(BufferedImage photograph, int x, int y, int band) {
    int rgb =
        photograph.getRGB(mirrored(x, photograph.getWidth()), mirrored(y, photograph.getHeight()));
    return rgb >> 8 * (2 - band) & 0xff;
  }

  private static int mirrored(int at, int side) {
    int within = Math.floorMod(at, 2 * side);
    return within < side ? within : 2 * side - 1 - within;
  }
}
