package stream.adasim.compute;

/** A backend cannot serve on this machine; the message says why, and what to do. */
public final class BackendException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public BackendException(String message) {
    super(message);
  }
}
