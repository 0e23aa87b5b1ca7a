package stream.adasim.schemas.settings;

import java.util.List;

/** Settings that cannot be used. The message holds every fault, one a line, and no secret. */
public final class SettingsException extends RuntimeException {
  private final List<String> faults;

  /**
   * Reports all faults at once.
   *
   * @param faults at least one line each: where it came from, key, what was found, what was
   *     expected
   */
  public SettingsException(List<String> faults) {
    super(String.join(System.lineSeparator(), faults));
    this.faults = List.copyOf(faults);
  }

  /** The lines of the message. */
  public List<String> faults() {
    return faults;
  }
}
