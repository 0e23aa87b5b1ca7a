package stream.adasim.schemas.registry;

/** No URL of the registry answered properly: a bad world. Names every URL and why it failed. */
public final class RegistryUnavailableException extends RegistryException {
  public RegistryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
