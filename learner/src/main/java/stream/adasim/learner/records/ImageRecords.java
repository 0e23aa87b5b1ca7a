package stream.adasim.learner.records;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Image;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.Fingerprint;
import stream.adasim.learner.decode.ImageDecoder;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.wire.AvroDeserializer;
import stream.adasim.schemas.wire.BadDataException;

/**
 * Reads records of the images topic. Bad data becomes {@link Incoming.Bad}; a bad world, such as an
 * unreachable registry, throws. Not thread-safe.
 */
public final class ImageRecords implements AutoCloseable {
  private final AvroDeserializer<Image> values = new AvroDeserializer<>(Image.class);
  private final ImageDecoder decoder;
  private final int shortSide;

  /**
   * @param shortSide the size in pixels that views will have; larger photographs may be decoded at
   *     a fraction of their size
   */
  public ImageRecords(Connection connection, DecodeLimits limits, int shortSide) {
    values.configure(connection.serde(), false);
    decoder = new ImageDecoder(limits);
    this.shortSide = shortSide;
  }

  /** Reads one record. */
  public Incoming read(ConsumerRecord<byte[], byte[]> message) {
    String id = id(message.key());
    if (id == null) {
      return new Incoming.Bad(
          "the key must be the image id, one or more characters in UTF-8; send the image again with"
              + " such a key",
          null);
    }
    if (message.value() == null) {
      return new Incoming.Deleted(id);
    }
    Image image;
    try {
      image = values.deserialize(message.topic(), message.value());
    } catch (BadDataException e) {
      return new Incoming.Bad(String.valueOf(e.getMessage()), e);
    }
    if (image == null) {
      return new Incoming.Deleted(id);
    }
    return switch (decoder.decode(image.getBytes().duplicate(), shortSide)) {
      case Decoding.Decoded(var pixels) ->
          new Incoming.Arrival(id, image, pixels, Fingerprint.of(image.getBytes().duplicate()));
      case Decoding.Rejected(var reason) -> new Incoming.Bad(reason, null);
    };
  }

  private static @Nullable String id(byte @Nullable [] key) {
    if (key == null || key.length == 0) {
      return null;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }

  @Override
  public void close() {
    values.close();
  }
}
