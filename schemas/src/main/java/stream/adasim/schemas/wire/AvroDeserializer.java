package stream.adasim.schemas.wire;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.registry.SchemaNotFoundException;
import stream.adasim.schemas.registry.SchemaRegistry;
import stream.adasim.schemas.registry.UnusableSchemaException;

/**
 * Reads generated records from the Confluent wire format, whatever version of the schema wrote
 * them. Null in, null out. Thread-safe once configured.
 *
 * <p>Without a shared registry, the build's {@link SerdeProvider} does the work if there is one.
 *
 * <p>{@link #deserialize} throws {@link BadDataException} where the record is to blame, and a
 * {@link stream.adasim.schemas.registry.RegistryException} (which isn't one) where the world is. A
 * consumer that dead-letters should consume bytes and call this itself: a consumer that
 * deserialises stops at the first bad record.
 */
public final class AvroDeserializer<T extends SpecificRecord> implements Deserializer<T> {
  private record Reading<T>(Schema writer, UnboxedReader<T> reader) {}

  private final Class<T> type;
  private final Schema expected;
  private final SpecificData data;
  private final Map<Integer, Reading<T>> readings = new ConcurrentHashMap<>();
  private final boolean ownsRegistry;
  private @Nullable SchemaRegistry registry;
  private @Nullable Deserializer<T> other;

  /** Opens a registry of its own when it is configured. */
  public AvroDeserializer(Class<T> type) {
    this(type, null);
  }

  /** Shares a registry, which the caller closes. */
  public AvroDeserializer(Class<T> type, @Nullable SchemaRegistry registry) {
    this.type = type;
    this.data = SpecificData.getForClass(type);
    this.expected = data.getSchema(type);
    this.registry = registry;
    this.ownsRegistry = registry == null;
  }

  /** Reads what {@link SchemaRegistry#open} reads. */
  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    if (registry != null) {
      return;
    }
    SerdeProvider provider = SerdeProvider.find();
    if (provider == null) {
      registry = SchemaRegistry.open(configs);
    } else {
      other = provider.deserializer(type, configs, isKey);
    }
  }

  @Override
  public @Nullable T deserialize(String topic, byte @Nullable [] value) {
    if (value == null) {
      return null;
    }
    if (other != null) {
      return other.deserialize(topic, value);
    }
    int id = WireFormat.id(topic, value);
    Reading<T> reading = readings.get(id);
    if (reading == null) {
      reading = reading(topic, id);
      readings.put(id, reading);
    }
    try {
      WholeRecord.require(reading.writer, value);
      return reading.reader.read(null, WireFormat.decoder(value));
    } catch (IOException | RuntimeException e) {
      // Avro reports rotten bytes with whatever exception they lead to.
      throw new UnreadableRecordException(
          "topic %s: %d bytes aren't one record %s of schema id %d: %s"
              .formatted(topic, value.length, type.getSimpleName(), id, e),
          e);
    }
  }

  private Reading<T> reading(String topic, int id) {
    SchemaRegistry open = registry;
    if (open == null) {
      throw new IllegalStateException("configure the deserialiser before it is used");
    }
    Schema writer;
    try {
      writer = open.byId(id);
    } catch (SchemaNotFoundException e) {
      throw new UnknownSchemaIdException("topic %s: %s".formatted(topic, e.getMessage()), e);
    } catch (UnusableSchemaException e) {
      throw new UnreadableRecordException("topic %s: %s".formatted(topic, e.getMessage()), e);
    }
    if (!expected.getFullName().equals(writer.getFullName())
        && !expected.getAliases().contains(writer.getFullName())) {
      throw new WrongRecordTypeException(
          "topic %s: found a record %s (schema id %d), expected %s"
              .formatted(topic, writer.getFullName(), id, expected.getFullName()));
    }
    return new Reading<>(writer, new UnboxedReader<>(writer, expected, data));
  }

  @Override
  public void close() {
    if (other != null) {
      other.close();
    }
    if (ownsRegistry && registry != null) {
      registry.close();
    }
  }
}
