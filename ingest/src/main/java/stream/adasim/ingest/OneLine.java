package stream.adasim.ingest;

import org.jspecify.annotations.Nullable;

/** Messages of others, on one line. */
final class OneLine {
  private OneLine() {}

  static String of(@Nullable String message) {
    return message == null ? "no reason given" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }
}
