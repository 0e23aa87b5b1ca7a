package stream.adasim.schemas.registry;

import org.apache.kafka.common.KafkaException;

/**
 * The registry didn't give what was asked of it. Never a {@link
 * org.apache.kafka.common.errors.SerializationException}, and never with credentials in the
 * message.
 */
public abstract sealed class RegistryException extends KafkaException
    permits RegistryUnavailableException,
        RegistryAccessException,
        RegistryRefusedException,
        SchemaNotFoundException,
        UnusableSchemaException,
        IncompatibleSchemaException {

  RegistryException(String message) {
    super(message);
  }

  RegistryException(String message, Throwable cause) {
    super(message, cause);
  }
}
