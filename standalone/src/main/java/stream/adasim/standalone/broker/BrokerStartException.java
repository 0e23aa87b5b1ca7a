package stream.adasim.standalone.broker;

/** The broker cannot start; the message says why and what to do, and is meant for the user. */
public final class BrokerStartException extends RuntimeException {

  private static final long serialVersionUID = 1;

  BrokerStartException(String message) {
    super(message);
  }

  BrokerStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
