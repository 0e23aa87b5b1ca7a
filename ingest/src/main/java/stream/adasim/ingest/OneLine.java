package stream.adasim.ingest;

import org.jspecify.annotations.Nullable;

/** Messages of others, on one line. */
public final class OneLine {
  private OneLine() {}

  /** What happened, and what is at the bottom of it where that says more. */
  public static String of(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String text = of(e.getMessage());
    String cause = root.getMessage() == null ? "" : of(root.getMessage());
    return text.contains(cause) ? text : text + ": " + cause;
  }

  /** The message with its lines put together. */
  public static String of(@Nullable String message) {
    return message == null ? "no reason given" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
