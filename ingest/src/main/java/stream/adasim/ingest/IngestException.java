package stream.adasim.ingest;

/**
 * The world is bad: broker or registry gone, a record refused. What was sent before it may or may
 * not have arrived; as ids are stable, sending again is harmless. The message is one line.
 */
public final class IngestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  IngestException(String message, Throwable cause) {
    super(message, cause);
  }
}
