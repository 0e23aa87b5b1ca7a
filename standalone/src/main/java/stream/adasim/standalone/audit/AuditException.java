package stream.adasim.standalone.audit;

/** An audit cannot be made; the message says why and what to do. */
public final class AuditException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AuditException(String message) {
    super(message);
  }
}
