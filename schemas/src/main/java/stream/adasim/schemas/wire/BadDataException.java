package stream.adasim.schemas.wire;

import org.apache.kafka.common.errors.SerializationException;

/**
 * The bytes of one record cannot be read and never will be: dead-letter the record and go on. All
 * else that a deserialiser throws is a bad world: stop without committing.
 */
public abstract sealed class BadDataException extends SerializationException
    permits NotOurFormatException,
        UnknownSchemaIdException,
        WrongRecordTypeException,
        UnreadableRecordException {

  BadDataException(String message) {
    super(message);
  }

  BadDataException(String message, Throwable cause) {
    super(message, cause);
  }
}
