package stream.adasim.standalone.cli;

/** The command line asks for what can't be had; the message says what to do. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }
}
