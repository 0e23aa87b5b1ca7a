package stream.adasim.schemas.wire;

import java.util.Map;
import java.util.ServiceLoader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import stream.adasim.schemas.registry.SchemaRegistry;

/** {@link AvroSerializer} and {@link AvroDeserializer} that share a registry. */
public final class AvroSerde<T extends SpecificRecord> implements Serde<T> {
  private final SchemaRegistry registry;
  private final AvroSerializer<T> serializer;
  private final AvroDeserializer<T> deserializer;

  private AvroSerde(Class<T> type, Map<String, ?> config) {
    this.registry = SchemaRegistry.open(config);
    this.serializer = new AvroSerializer<>(registry);
    this.deserializer = new AvroDeserializer<>(type, registry);
    configure(config, false);
  }

  /**
   * A configured serde for values of one record type: the build's {@link SerdeProvider} if it has
   * one, otherwise ours. Connects only when it is first used.
   *
   * @param config by Confluent's names, as {@link
   *     stream.adasim.schemas.settings.Connection#serde()} gives them
   */
  public static <T extends SpecificRecord> Serde<T> of(Class<T> type, Map<String, ?> config) {
    for (SerdeProvider provider : ServiceLoader.load(SerdeProvider.class)) {
      return provider.serde(type, config);
    }
    return new AvroSerde<>(type, config);
  }

  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    serializer.configure(configs, isKey);
    deserializer.configure(configs, isKey);
  }

  @Override
  public Serializer<T> serializer() {
    return serializer;
  }

  @Override
  public Deserializer<T> deserializer() {
    return deserializer;
  }

  @Override
  public void close() {
    registry.close();
  }
}
