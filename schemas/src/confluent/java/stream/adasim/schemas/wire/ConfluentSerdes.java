package stream.adasim.schemas.wire;

import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.registry.IncompatibleSchemaException;
import stream.adasim.schemas.registry.RegistryAccessException;
import stream.adasim.schemas.registry.RegistryRefusedException;
import stream.adasim.schemas.registry.RegistryUnavailableException;
import stream.adasim.schemas.registry.SchemaNotFoundException;

/**
 * Confluent's own serialisers, which put the same bytes on the wire. What they throw is told apart
 * into bad data and bad world as ours does; but they box every float, and allocate what a forged
 * length asks for. Built by the Maven profile {@code confluent} alone.
 */
public final class ConfluentSerdes implements SerdeProvider {
  @Override
  public <T extends SpecificRecord> Serializer<T> serializer(Map<String, ?> config, boolean isKey) {
    KafkaAvroSerializer serializer = new KafkaAvroSerializer();
    serializer.configure(specific(config), isKey);
    return new Writer<>(serializer);
  }

  @Override
  public <T extends SpecificRecord> Deserializer<T> deserializer(
      Class<T> type, Map<String, ?> config, boolean isKey) {
    KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();
    deserializer.configure(specific(config), isKey);
    return new Reader<>(type, deserializer);
  }

  private static Map<String, Object> specific(Map<String, ?> config) {
    Map<String, Object> properties = new HashMap<>(config);
    properties.put("specific.avro.reader", true);
    properties.put("avro.remove.java.properties", true);
    return properties;
  }

  private record Writer<T extends SpecificRecord>(KafkaAvroSerializer serializer)
      implements Serializer<T> {
    @Override
    public byte @Nullable [] serialize(String topic, @Nullable T record) {
      try {
        return serializer.serialize(topic, record);
      } catch (KafkaException e) {
        throw world(topic, e);
      }
    }

    @Override
    public void close() {
      serializer.close();
    }
  }

  private record Reader<T extends SpecificRecord>(Class<T> type, KafkaAvroDeserializer deserializer)
      implements Deserializer<T> {
    @Override
    public @Nullable T deserialize(String topic, byte @Nullable [] value) {
      if (value == null) {
        return null;
      }
      int id = WireFormat.id(topic, value);
      Object record;
      try {
        record = deserializer.deserialize(topic, value);
      } catch (KafkaException e) {
        throw reading(topic, id, e);
      }
      if (!type.isInstance(record)) {
        throw new WrongRecordTypeException(
            "topic %s: found a record %s (schema id %d), expected %s"
                .formatted(topic, record.getClass().getName(), id, type.getName()));
      }
      return type.cast(record);
    }

    @Override
    public void close() {
      deserializer.close();
    }
  }

  private static KafkaException reading(String topic, int id, KafkaException e) {
    if (cause(e, RestClientException.class) instanceof RestClientException answer
        && answer.getErrorCode() == 40403) {
      return new UnknownSchemaIdException(
          "topic %s: no schema has the id %d".formatted(topic, id), e);
    }
    // Rotten bytes end in an EOFException or none; those of the network have other types.
    if (cause(e, RestClientException.class) == null && !isNetwork(e)) {
      return new UnreadableRecordException(
          "topic %s: the value isn't a record of schema id %d: %s".formatted(topic, id, e), e);
    }
    return world(topic, e);
  }

  private static KafkaException world(String topic, KafkaException e) {
    String what = "topic %s: %s".formatted(topic, e);
    if (cause(e, RestClientException.class) instanceof RestClientException answer) {
      int status = answer.getStatus();
      what += " (" + answer.getMessage() + ")";
      return switch (status) {
        case 401, 403 -> new RegistryAccessException(what);
        // Without the protocol's own error code the URL leads elsewhere.
        case 404 ->
            answer.getErrorCode() / 100 == 404
                ? new SchemaNotFoundException(what)
                : new RegistryRefusedException(what);
        case 409 ->
            new IncompatibleSchemaException(what, List.of(String.valueOf(answer.getMessage())));
        default ->
            status >= 500
                ? new RegistryUnavailableException(what, e)
                : new RegistryRefusedException(what);
      };
    }
    return isNetwork(e)
        ? new RegistryUnavailableException(
            what + " (" + cause(e, IOException.class) + "); see schema.registry.url", e)
        : e;
  }

  private static boolean isNetwork(Throwable e) {
    return cause(e, IOException.class) instanceof IOException io && !(io instanceof EOFException);
  }

  private static @Nullable Throwable cause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (type.isInstance(at)) {
        return at;
      }
    }
    return null;
  }
}
