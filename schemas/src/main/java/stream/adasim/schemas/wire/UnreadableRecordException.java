package stream.adasim.schemas.wire;

/** The value isn't what its schema says, or that schema cannot be read as ours. */
public final class UnreadableRecordException extends BadDataException {
  public UnreadableRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
