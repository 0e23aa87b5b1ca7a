package stream.adasim.learner.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import stream.adasim.avro.ModelManifest;
import stream.adasim.avro.ModelPart;
import stream.adasim.learner.network.Architecture;

/** Cuts snapshots into the parts that the models topic holds, and puts them together again. */
public final class ModelParts {
  static final int MANIFEST = -1;
  static final int PART_BYTES = 1 << 20;

  private static final String FULL = "f32";
  private static final String HALF = "f16";

  private ModelParts() {}

  /** Key of a part: the model id, a slash, and the part's number or the word manifest. */
  public static String key(ModelPart part) {
    return part.getModelId() + "/" + (part.getPart() == MANIFEST ? "manifest" : part.getPart());
  }

  /**
   * The parts of a snapshot, the manifest last. Weights that half precision holds exactly are sent
   * so: {@link HalfPrecision} rounds them.
   */
  public static List<ModelPart> split(ModelSnapshot snapshot, Instant now) {
    boolean half = HalfPrecision.holds(snapshot.weights());
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(half ? 2 : 4, snapshot.weights().length))
            .order(ByteOrder.LITTLE_ENDIAN);
    if (half) {
      bytes.asShortBuffer().put(HalfPrecision.halves(snapshot.weights()));
    } else {
      bytes.asFloatBuffer().put(snapshot.weights());
    }
    List<ModelPart> parts = new ArrayList<>();
    for (int start = 0; start < bytes.capacity(); start += PART_BYTES) {
      int length = Math.min(PART_BYTES, bytes.capacity() - start);
      parts.add(
          new ModelPart(
              snapshot.modelId(),
              snapshot.version(),
              parts.size(),
              bytes.slice(start, length),
              null));
    }
    ModelManifest manifest =
        new ModelManifest(
            snapshot.architecture().toMap(),
            parts.size(),
            (long) bytes.capacity(),
            HexFormat.of().formatHex(sha256().digest(bytes.array())),
            snapshot.step(),
            now,
            half ? HALF : FULL);
    parts.add(
        new ModelPart(
            snapshot.modelId(), snapshot.version(), MANIFEST, ByteBuffer.allocate(0), manifest));
    return parts;
  }

  /**
   * Puts a snapshot together.
   *
   * @param head the part that carries the manifest
   * @param parts payloads by part number; those of the manifest's version, all of them
   * @throws DamagedSnapshotException if what is there does not match the manifest
   */
  static ModelSnapshot join(
      ModelPart head, ModelManifest manifest, SortedMap<Integer, ByteBuffer> parts) {
    String name = "models " + head.getModelId() + " version " + head.getVersion();
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(manifest.getBytes())).order(ByteOrder.LITTLE_ENDIAN);
    for (ByteBuffer part : parts.values()) {
      if (part.remaining() > bytes.remaining()) {
        throw new DamagedSnapshotException(
            name + ": parts are longer than the manifest's " + manifest.getBytes() + " bytes");
      }
      bytes.put(part.duplicate());
    }
    String found = HexFormat.of().formatHex(sha256().digest(bytes.array()));
    if (bytes.hasRemaining() || !found.equals(manifest.getSha256())) {
      throw new DamagedSnapshotException(
          name
              + ": checksum is "
              + found
              + ", the manifest expects "
              + manifest.getSha256()
              + "; the next snapshot will replace it");
    }
    float[] weights = weights(name, bytes.rewind(), manifest.getEncoding());
    return new ModelSnapshot(
        head.getModelId(),
        head.getVersion(),
        manifest.getStep(),
        Architecture.of(manifest.getArchitecture()),
        weights);
  }

  private static float[] weights(String name, ByteBuffer bytes, String encoding) {
    return switch (encoding) {
      case HALF -> {
        short[] halves = new short[bytes.remaining() / 2];
        bytes.asShortBuffer().get(halves);
        yield HalfPrecision.floats(halves);
      }
      case FULL -> {
        float[] weights = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(weights);
        yield weights;
      }
      default ->
          throw new DamagedSnapshotException(
              "%s: found weights encoded as %s, expected %s or %s; a newer trainer wrote it, so use its release here too"
                  .formatted(name, encoding, FULL, HALF));
    };
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
