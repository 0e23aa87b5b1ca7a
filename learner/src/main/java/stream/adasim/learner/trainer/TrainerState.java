package stream.adasim.learner.trainer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a checkpoint says before the training itself.
 *
 * @param version newest snapshot published when it was written
 * @param architecture settings of the network, to refuse another one by name
 * @param offsets per partition of the images topic, the next offset to consume
 */
record TrainerState(
    String modelId,
    long version,
    SortedMap<String, String> architecture,
    SortedMap<Integer, Long> offsets) {

  void write(DataOutput out) throws IOException {
    out.writeUTF(modelId);
    out.writeLong(version);
    out.writeInt(architecture.size());
    for (Map.Entry<String, String> entry : architecture.entrySet()) {
      out.writeUTF(entry.getKey());
      out.writeUTF(entry.getValue());
    }
    out.writeInt(offsets.size());
    for (Map.Entry<Integer, Long> entry : offsets.entrySet()) {
      out.writeInt(entry.getKey());
      out.writeLong(entry.getValue());
    }
  }

  static TrainerState read(DataInput in) throws IOException {
    String modelId = in.readUTF();
    long version = in.readLong();
    SortedMap<String, String> architecture = new TreeMap<>();
    for (int i = in.readInt(); i > 0; i--) {
      architecture.put(in.readUTF(), in.readUTF());
    }
    SortedMap<Integer, Long> offsets = new TreeMap<>();
    for (int i = in.readInt(); i > 0; i--) {
      offsets.put(in.readInt(), in.readLong());
    }
    return new TrainerState(modelId, version, architecture, offsets);
  }
}
