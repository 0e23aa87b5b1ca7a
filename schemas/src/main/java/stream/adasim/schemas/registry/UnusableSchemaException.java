package stream.adasim.schemas.registry;

/** The registered schema isn't an Avro schema that stands on its own. */
public final class UnusableSchemaException extends RegistryException {
  public UnusableSchemaException(String message) {
    super(message);
  }
}
