package stream.adasim.standalone.cli;

/** A running service stopped because the world around it is bad. */
final class ServiceFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ServiceFailedException(String service, Throwable cause) {
    super(
        "the "
            + service
            + " stopped: "
            + (cause.getMessage() == null ? cause.toString() : cause.getMessage())
            + " (nothing is lost: start it again when the cause is mended)",
        cause);
  }
}
