package stream.adasim.schemas.wire;

/** The value doesn't begin with a zero byte and a four-byte schema id. */
public final class NotOurFormatException extends BadDataException {
  public NotOurFormatException(String message) {
    super(message);
  }
}
