package stream.adasim.schemas.registry;

/** The registry refused a request for another reason, or isn't one: a bad world. */
public final class RegistryRefusedException extends RegistryException {
  public RegistryRefusedException(String message) {
    super(message);
  }
}
