package stream.adasim.learner.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** A process that ends, without any clean-up, in the middle of a checkpoint of step 2. */
final class DyingWriter {
  static final int EXIT = 77;

  private DyingWriter() {}

  public static void main(String[] arguments) throws IOException {
    var store = new CheckpointStore(Path.of(arguments[0]), 2);
    store.write(
        2,
        out -> {
          out.write(new byte[200_000]);
          Runtime.getRuntime().halt(EXIT);
        });
  }
}
