package stream.adasim.schemas.registry;

/** The registry asks for credentials (401) or forbids what was asked (403): a bad world. */
public final class RegistryAccessException extends RegistryException {
  public RegistryAccessException(String message) {
    super(message);
  }
}
