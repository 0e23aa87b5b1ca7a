package stream.adasim.learner.checkpoint;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A checkpoint whose checksum held, open for reading: to be closed.
 *
 * @param body exactly what the writer wrote, then the end of the stream
 */
public record Loaded(Path file, long step, DataInputStream body) implements Closeable {
  @Override
  public void close() throws IOException {
    body.close();
  }
}
