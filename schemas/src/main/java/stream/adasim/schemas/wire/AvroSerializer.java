package stream.adasim.schemas.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.registry.IncompatibleSchemaException;
import stream.adasim.schemas.registry.RegisteredSchema;
import stream.adasim.schemas.registry.SchemaRegistry;
import stream.adasim.schemas.settings.Connection;

/**
 * Writes generated records in the Confluent wire format. Null in, null out. Thread-safe once
 * configured.
 *
 * <p>Without a shared registry, the build's {@link SerdeProvider} does the work if there is one.
 *
 * <p>Every {@link stream.adasim.schemas.registry.RegistryException} that {@link #serialize} throws
 * is a bad world. A record that lacks a value of its own schema is a {@link
 * SerializationException}: a fault of the program.
 */
public final class AvroSerializer<T extends SpecificRecord> implements Serializer<T> {
  /**
   * How records of one schema are written to one topic.
   *
   * @param id in the header
   * @param recode the registered schema to write with, where its binary form isn't ours
   */
  private record Target(int id, @Nullable Schema recode) {}

  private record Key(String topic, Schema schema) {}

  private final Map<Key, Target> targets = new ConcurrentHashMap<>();
  private final Map<Schema, DatumWriter<T>> writers = new ConcurrentHashMap<>();
  private final boolean ownsRegistry;
  private @Nullable SchemaRegistry registry;
  private @Nullable Serializer<T> other;
  private boolean isKey;
  private boolean autoRegister = true;
  private boolean useLatest;

  /** For Kafka, which calls {@link #configure} next. */
  public AvroSerializer() {
    this.ownsRegistry = true;
  }

  /** Shares a registry, which the caller closes. */
  public AvroSerializer(SchemaRegistry registry) {
    this.registry = registry;
    this.ownsRegistry = false;
  }

  /**
   * Reads Confluent's names: what {@link SchemaRegistry#open} reads, {@code auto.register.schemas}
   * (true) and {@code use.latest.version} (false; counts only without the former).
   */
  @Override
  public void configure(Map<String, ?> configs, boolean isKey) {
    this.isKey = isKey;
    this.autoRegister = flag(configs, Connection.AUTO_REGISTER, true);
    this.useLatest = flag(configs, Connection.USE_LATEST, false);
    if (registry != null) {
      return;
    }
    SerdeProvider provider = SerdeProvider.find();
    if (provider == null) {
      registry = SchemaRegistry.open(configs);
    } else {
      other = provider.serializer(configs, isKey);
    }
  }

  private static boolean flag(Map<String, ?> configs, String key, boolean byDefault) {
    Object value = configs.get(key);
    return value == null ? byDefault : Boolean.parseBoolean(value.toString());
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable T record) {
    if (record == null) {
      return null;
    }
    if (other != null) {
      return other.serialize(topic, record);
    }
    Schema schema = record.getSchema();
    Target target = targets.get(new Key(topic, schema));
    if (target == null) {
      target = target(topic, schema);
      targets.put(new Key(topic, schema), target);
    }
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream(512);
      out.writeBytes(WireFormat.header(target.id));
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
      writers.computeIfAbsent(schema, s -> writer(record)).write(record, encoder);
      encoder.flush();
      byte[] value = out.toByteArray();
      return target.recode == null ? value : recoded(value, schema, target);
    } catch (AvroRuntimeException | ClassCastException | NullPointerException e) {
      throw new SerializationException(
          "topic %s: a record isn't what its schema %s says: %s"
              .formatted(topic, schema.getFullName(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private DatumWriter<T> writer(T record) {
    return new UnboxedWriter<>(record.getSchema(), SpecificData.getForClass(record.getClass()));
  }

  private Target target(String topic, Schema schema) {
    SchemaRegistry open = registry;
    if (open == null) {
      throw new IllegalStateException("configure the serialiser before it is used");
    }
    String subject = WireFormat.subject(topic, isKey);
    if (autoRegister) {
      return new Target(open.register(subject, schema), null);
    }
    if (!useLatest) {
      return new Target(open.idOf(subject, schema), null);
    }
    RegisteredSchema latest = open.latest(subject);
    String ours = SchemaNormalization.toParsingForm(schema);
    return ours.equals(SchemaNormalization.toParsingForm(latest.schema()))
        ? new Target(latest.id(), null)
        : new Target(latest.id(), latest.schema());
  }

  /** Reads our bytes as the registered schema wants them and writes those: rare, so not fast. */
  private static byte[] recoded(byte[] value, Schema ours, Target target) throws IOException {
    Schema theirs = target.recode;
    Object datum;
    try {
      datum = new GenericDatumReader<>(ours, theirs).read(null, WireFormat.decoder(value));
    } catch (AvroRuntimeException e) {
      throw new IncompatibleSchemaException(
          "%s=true, but the newest registered schema (id %d) cannot take a record of %s: %s"
              .formatted(Connection.USE_LATEST, target.id, ours.getFullName(), e.getMessage()),
          List.of(String.valueOf(e.getMessage())));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(value.length);
    out.writeBytes(WireFormat.header(target.id));
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<>(theirs).write(datum, encoder);
    encoder.flush();
    return out.toByteArray();
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
