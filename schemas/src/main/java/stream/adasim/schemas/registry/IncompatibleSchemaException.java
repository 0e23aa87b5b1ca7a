package stream.adasim.schemas.registry;

import java.util.List;

/** The registry's rule for the subject forbids this schema; the message names the fields. */
public final class IncompatibleSchemaException extends RegistryException {
  private final List<String> reasons;

  public IncompatibleSchemaException(String message, List<String> reasons) {
    super(message);
    this.reasons = List.copyOf(reasons);
  }

  /** One line for each thing that doesn't fit. */
  public List<String> reasons() {
    return reasons;
  }
}
