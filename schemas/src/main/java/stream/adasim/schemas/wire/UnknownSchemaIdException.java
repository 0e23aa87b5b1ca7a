package stream.adasim.schemas.wire;

/** The registry is well and has no schema of the value's id. */
public final class UnknownSchemaIdException extends BadDataException {
  public UnknownSchemaIdException(String message, Throwable cause) {
    super(message, cause);
  }
}
