package stream.adasim.http;

import org.jspecify.annotations.Nullable;

/** The server cannot listen where it should; the message says what to change. */
public final class HttpStartException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HttpStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
