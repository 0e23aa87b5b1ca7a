package stream.adasim.schemas.registry;

/** The registry is well and has no such schema, subject or version. */
public final class SchemaNotFoundException extends RegistryException {
  public SchemaNotFoundException(String message) {
    super(message);
  }
}
