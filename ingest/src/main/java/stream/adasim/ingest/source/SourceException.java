package stream.adasim.ingest.source;

/** A path that is no image source; the message is one line that says what to do. */
public final class SourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SourceException(String message) {
    super(message);
  }
}
