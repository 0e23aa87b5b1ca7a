package stream.adasim.bench.search;

/** What was asked for cannot be measured; the message says what was found and what is expected. */
final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InputException(String message) {
    super(message);
  }
}
