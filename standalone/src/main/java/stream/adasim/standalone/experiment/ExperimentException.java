package stream.adasim.standalone.experiment;

/** An experiment asks for what can't be had; the message says what to do. */
public final class ExperimentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ExperimentException(String message) {
    super(message);
  }
}
