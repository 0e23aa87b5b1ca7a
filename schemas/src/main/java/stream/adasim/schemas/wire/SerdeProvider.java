package stream.adasim.schemas.wire;

import java.util.Map;
import java.util.ServiceLoader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Other classes for the same bytes, to which {@link AvroSerializer} and {@link AvroDeserializer}
 * hand over where they would open a registry of their own. The Maven profile {@code confluent}
 * builds one around Confluent's own; without it there is none.
 */
public interface SerdeProvider {
  /** A configured serialiser that throws as {@link AvroSerializer} does. */
  <T extends SpecificRecord> Serializer<T> serializer(Map<String, ?> config, boolean isKey);

  /** A configured deserialiser that throws as {@link AvroDeserializer} does. */
  <T extends SpecificRecord> Deserializer<T> deserializer(
      Class<T> type, Map<String, ?> config, boolean isKey);

  /** The one that the build brought, or null. */
  static @Nullable SerdeProvider find() {
    return ServiceLoader.load(SerdeProvider.class).findFirst().orElse(null);
  }
}
