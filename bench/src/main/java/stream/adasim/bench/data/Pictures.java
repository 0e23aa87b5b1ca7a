package stream.adasim.bench.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import stream.adasim.ingest.source.Items;
import stream.adasim.ingest.source.Order;
import stream.adasim.ingest.source.SourceImage;
import stream.adasim.ingest.source.Sources;
import stream.adasim.learner.decode.DecodeLimits;

/** The encoded images that a benchmark runs over. */
final class Pictures {
  private static final int COUNT = 64;
  private static final int WAVES = 12;

  private Pictures() {}

  /**
   * The first images of a folder or archive, or, where the path is empty, drawings with as much
   * detail as photographs have: JPEGs of quality 75 with halved colour.
   */
  static List<ByteBuffer> of(String path, int width, int height) throws IOException {
    List<ByteBuffer> pictures = new ArrayList<>();
    if (path.isEmpty()) {
      for (int i = 0; i < COUNT; i++) {
        pictures.add(jpeg(drawing(width, height, new SplittableRandom(i))));
      }
      return pictures;
    }
    try (Items items =
        Sources.of(Path.of(path), DecodeLimits.DEFAULT.maxBytes()).items(new Order.AsStored())) {
      for (var item = items.next(); item != null && pictures.size() < COUNT; item = items.next()) {
        if (item instanceof SourceImage image) {
          pictures.add(image.bytes());
        }
      }
    }
    if (pictures.isEmpty()) {
      throw new IOException(path + " holds no image: name a folder or an archive of images");
    }
    return pictures;
  }

  /** Waves of all lengths in random directions, the long ones strongest, and a little noise. */
  private static BufferedImage drawing(int width, int height, SplittableRandom random) {
    double[][] waves = new double[WAVES][6];
    for (int i = 0; i < WAVES; i++) {
      double length = Math.max(width, height) * Math.pow(0.65, i);
      double angle = 2 * Math.PI * random.nextDouble();
      waves[i][0] = 2 * Math.PI / length * Math.cos(angle);
      waves[i][1] = 2 * Math.PI / length * Math.sin(angle);
      waves[i][2] = 2 * Math.PI * random.nextDouble();
      for (int c = 3; c < 6; c++) {
        waves[i][c] = 70 * Math.pow(0.75, i) * random.nextDouble();
      }
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double noise = 118 + 20 * random.nextDouble();
        double[] rgb = {noise, noise, noise};
        for (double[] wave : waves) {
          double value = Math.sin(wave[0] * x + wave[1] * y + wave[2]);
          for (int c = 0; c < 3; c++) {
            rgb[c] += wave[3 + c] * value;
          }
        }
        image.setRGB(x, y, level(rgb[0]) << 16 | level(rgb[1]) << 8 | level(rgb[2]));
      }
    }
    return image;
  }

  private static int level(double value) {
    return Math.clamp(Math.round(value), 0, 255);
  }

  private static ByteBuffer jpeg(BufferedImage image) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "jpeg", new MemoryCacheImageOutputStream(out));
    return ByteBuffer.wrap(out.toByteArray());
  }
}
