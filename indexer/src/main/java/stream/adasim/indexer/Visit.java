package stream.adasim.indexer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Model;
import stream.adasim.indexer.votes.Ring;

/**
 * One visit of one image that was checked and not counted before.
 *
 * @param id the image's
 * @param visited what is counted
 * @param origin what the memory keeps beside the vector
 * @param offset of its record: no two visits of an image have the same
 * @param timestamp of its record, milliseconds since 1970
 */
record Visit(String id, Ring.Visited visited, Memory.Origin origin, long offset, long timestamp) {

  static Visit of(String id, Representation value, long offset, long timestamp) {
    return new Visit(
        id,
        new Ring.Visited(
            value.getModelId(),
            value.getModelVersion(),
            value.getFingerprint(),
            value.getVisit(),
            value.getStep()),
        new Memory.Origin(value.getSource(), value.getLabel(), value.getCapturedAt()),
        offset,
        timestamp);
  }

  /** {@link Model#hash} of its model. */
  long model() {
    return Model.hash(visited.modelId());
  }

  void write(DataOutput out) throws IOException {
    Wire.writeText(out, id);
    writeVisited(out, visited);
    Wire.writeText(out, origin.source());
    String label = origin.label();
    out.writeBoolean(label != null);
    if (label != null) {
      Wire.writeText(out, label);
    }
    out.writeLong(origin.capturedAt().toEpochMilli());
    out.writeLong(offset);
    out.writeLong(timestamp);
  }

  static Visit read(DataInput in) throws IOException {
    String id = Wire.readText(in);
    Ring.Visited visited = readVisited(in);
    String source = Wire.readText(in);
    @Nullable String label = in.readBoolean() ? Wire.readText(in) : null;
    Instant capturedAt = Instant.ofEpochMilli(in.readLong());
    long offset = in.readLong();
    return new Visit(
        id, visited, new Memory.Origin(source, label, capturedAt), offset, in.readLong());
  }

  static void writeVisited(DataOutput out, Ring.Visited visited) throws IOException {
    Wire.writeText(out, visited.modelId());
    out.writeLong(visited.modelVersion());
    out.writeLong(visited.fingerprint());
    out.writeInt(visited.visit());
    out.writeLong(visited.step());
  }

  static Ring.Visited readVisited(DataInput in) throws IOException {
    String modelId = Wire.readText(in);
    long version = in.readLong();
    long fingerprint = in.readLong();
    int visit = in.readInt();
    return new Ring.Visited(modelId, version, fingerprint, visit, in.readLong());
  }
}
