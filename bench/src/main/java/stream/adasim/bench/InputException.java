package stream.adasim.bench;

/** What was asked for cannot be measured; the message says what was found and what is expected. */
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InputException(String message) {
    super(message);
  }
}
