package stream.adasim.schemas.wire;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/**
 * Other classes for the same bytes, found through {@link java.util.ServiceLoader}. The Maven
 * profile {@code confluent} builds one around Confluent's own serialisers; without it there is
 * none, and ours are used.
 */
public interface SerdeProvider {
  /** A serde for values that throws as {@link AvroSerializer} and {@link AvroDeserializer} do. */
  <T extends SpecificRecord> Serde<T> serde(Class<T> type, Map<String, ?> config);
}
