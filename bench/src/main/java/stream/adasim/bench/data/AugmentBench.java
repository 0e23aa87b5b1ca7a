package stream.adasim.bench.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import stream.adasim.learner.augment.Normalisation;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.ImageDecoder;
import stream.adasim.learner.decode.RgbImage;

/** A pair of training views. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class AugmentBench {
  /** Width and height of the generated images, and the side of the views. */
  @Param({"32x32 to 32", "400x533 to 32", "400x533 to 224"})
  public String size = "";

  /** A folder or archive to read images from instead. */
  @Param("")
  public String path = "";

  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<RgbImage> decoded = new ArrayList<>();
  private List<ByteBuffer> pictures = List.of();
  private Views views = new Views(1, Normalisation.IMAGENET);
  private float[] out = {};
  private int side;
  private int next;

  /** Makes or reads the images. */
  @Setup
  public void prepare() throws IOException {
    String[] sides = size.split("x| to ", 3);
    pictures = Pictures.of(path, Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
    side = Integer.parseInt(sides[2]);
    views = new Views(side, Normalisation.IMAGENET);
    out = new float[2 * views.length()];
    for (ByteBuffer picture : pictures) {
      decoded.add(decode(picture));
    }
  }

  /** From pixels as the decoder leaves them for this size of views. */
  @Benchmark
  public float[] pair() {
    next = (next + 1) % pictures.size();
    return pair(decoded.get(next));
  }

  /** From the encoded image. */
  @Benchmark
  public float[] decodedPair() {
    next = (next + 1) % pictures.size();
    return pair(decode(pictures.get(next)));
  }

  private float[] pair(RgbImage image) {
    views.first(image, random, out, 0);
    views.second(image, random, out, views.length());
    return out;
  }

  private RgbImage decode(ByteBuffer picture) {
    return switch (decoder.decode(picture, side)) {
      case Decoding.Decoded(var image) -> image;
      case Decoding.Rejected(var reason) -> throw new IllegalStateException(reason);
    };
  }
}
