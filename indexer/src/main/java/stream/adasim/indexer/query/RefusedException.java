package stream.adasim.indexer.query;

/** A question that is not answered now, and may be later. */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why it is not. */
  public enum Reason {
    /** State is being restored or moves to another instance. */
    MOVING,
    /** As many searches as there may be are under way. */
    BUSY,
    /** It took too long. */
    LATE
  }

  private final Reason reason;

  public RefusedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
