package stream.adasim.schemas.wire;

/** The value's schema is of another record than the topic carries. */
public final class WrongRecordTypeException extends BadDataException {
  public WrongRecordTypeException(String message) {
    super(message);
  }
}
