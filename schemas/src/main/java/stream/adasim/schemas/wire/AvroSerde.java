package stream.adasim.schemas.wire;

import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** {@link AvroSerializer} and {@link AvroDeserializer} together. */
public final class AvroSerde {
  private AvroSerde() {}

  /**
   * A configured serde for values of one record type; closing it closes both. Connects only when it
   * is first used.
   *
   * @param config by Confluent's names, as {@link
   *     stream.adasim.schemas.settings.Connection#serde()} gives them
   */
  public static <T extends SpecificRecord> Serde<T> of(Class<T> type, Map<String, ?> config) {
    Serde<T> serde = Serdes.serdeFrom(new AvroSerializer<>(), new AvroDeserializer<>(type));
    serde.configure(config, false);
    return serde;
  }
}
