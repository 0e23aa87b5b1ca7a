package stream.adasim.bench.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.ImageDecoder;

/** One image from encoded bytes to RGB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DecodeBench {
  /** Width and height of the generated images. */
  @Param({"32x32", "400x533"})
  public String size = "";

  /** A folder or archive to read images from instead. */
  @Param("")
  public String path = "";

  private final ImageDecoder decoder = new ImageDecoder(DecodeLimits.DEFAULT);
  private List<ByteBuffer> pictures = List.of();
  private int next;

  /** Makes or reads the images. */
  @Setup
  public void prepare() throws IOException {
    String[] sides = size.split("x", 2);
    pictures = Pictures.of(path, Integer.parseInt(sides[0]), Integer.parseInt(sides[1]));
  }

  /** Every pixel. */
  @Benchmark
  public Decoding full() {
    return decoder.decode(picture());
  }

  /** As many pixels as views of 32 pixels need. */
  @Benchmark
  public Decoding for32() {
    return decoder.decode(picture(), 32);
  }

  /** As many pixels as views of 224 pixels need. */
  @Benchmark
  public Decoding for224() {
    return decoder.decode(picture(), 224);
  }

  private ByteBuffer picture() {
    next = (next + 1) % pictures.size();
    return pictures.get(next);
  }
}
