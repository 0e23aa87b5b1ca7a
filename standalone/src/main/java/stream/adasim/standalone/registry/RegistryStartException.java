package stream.adasim.standalone.registry;

/** The registry cannot start; the message says why and what to do, and is meant for the user. */
public final class RegistryStartException extends RuntimeException {

  private static final long serialVersionUID = 1;

  RegistryStartException(String message) {
    super(message);
  }

  RegistryStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
