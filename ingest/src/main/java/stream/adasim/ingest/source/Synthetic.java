package stream.adasim.ingest.source;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Labelled drawings of ten classes, as PNG files. Image i depends on the seed and i alone: the same
 * on every run, whatever the count and the order. Each ten images in a row hold every class once.
 *
 * <p>Colour, place, turn, size, filling, background, clutter and noise are all drawn anew for each
 * image, so that pixels by themselves say little about the class.
 *
 * @param images how many
 * @param size side in pixels, 32 to 96
 */
public record Synthetic(int images, int size, long seed) implements Source {
  public static final int MIN_SIZE = 32;
  public static final int MAX_SIZE = 96;

  private static final Shape[] SHAPES = Shape.values();

  public Synthetic {
    if (size < MIN_SIZE || size > MAX_SIZE) {
      throw new SourceException(
          "synthetic images: size " + size + " must be within " + MIN_SIZE + ".." + MAX_SIZE);
    }
    if (images < 1) {
      throw new SourceException("synthetic images: count " + images + " must be at least 1");
    }
  }

  @Override
  public String name() {
    return "synthetic/" + seed;
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.of(images);
  }

  @Override
  public Items items(Order order) {
    return new IndexedItems(images, order, this::image, () -> {});
  }

  private Item image(int i) {
    Shape shape = shape(i);
    var random = new SplittableRandom(mix(seed, i, 1));
    var image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    new Drawing(image, random).draw(shape);
    ByteBuffer png = Png.encode(withNoise(image, random), size, size, 3);
    return new SourceImage(
        name() + "/" + i,
        png,
        ImageFormat.PNG.mediaType(),
        null,
        name(),
        shape.name().toLowerCase(Locale.ROOT),
        Map.of());
  }

  /** A permutation of the classes for each block of as many images. */
  Shape shape(int i) {
    var random = new SplittableRandom(mix(seed, i / SHAPES.length, 0));
    Shape[] block = SHAPES.clone();
    for (int last = block.length - 1; last > 0; last--) {
      int other = random.nextInt(last + 1);
      Shape swapped = block[last];
      block[last] = block[other];
      block[other] = swapped;
    }
    return block[i % SHAPES.length];
  }

  /** RGB bytes with Gaussian noise, a change of brightness and one of contrast. */
  private byte[] withNoise(BufferedImage image, RandomGenerator random) {
    int[] packed = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    double sigma = random.nextDouble(4, 16);
    double contrast = random.nextDouble(0.7, 1.1);
    double brightness = random.nextDouble(-25, 25);
    byte[] rgb = new byte[packed.length * 3];
    for (int p = 0; p < rgb.length; p++) {
      int value = packed[p / 3] >> (16 - 8 * (p % 3)) & 0xff;
      double changed = (value - 128) * contrast + 128 + brightness + sigma * random.nextGaussian();
      rgb[p] = (byte) Math.clamp(Math.round(changed), 0, 255);
    }
    return rgb;
  }

  /** The finaliser of SplitMix64 over seed, index and purpose, so that neighbours are unrelated. */
  private static long mix(long seed, long index, long purpose) {
    long z = seed * 0x9E3779B97F4A7C15L + index * 0xD1342543DE82EF95L + purpose;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
