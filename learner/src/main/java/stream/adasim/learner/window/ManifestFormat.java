package stream.adasim.learner.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import stream.adasim.learner.checkpoint.Strings;

/**
 * A window's manifest in bytes: version; passes; images, oldest arrival first; indexes of the
 * images that the pass has yet to visit, in its order; visit numbers of ids that left.
 */
final class ManifestFormat {
  private static final int VERSION = 1;
  private static final byte[] NO_BYTES = {};

  private ManifestFormat() {}

  static void write(
      DataOutput out,
      double passes,
      Collection<Slot> slots,
      List<Slot> remaining,
      Map<String, Integer> retired)
      throws IOException {
    out.writeInt(VERSION);
    out.writeDouble(passes);
    out.writeInt(slots.size());
    var indexes = new int[remaining.size()];
    int index = 0;
    for (var slot : slots) {
      var image = slot.image;
      Strings.write(out, image.id());
      out.writeLong(image.fingerprint());
      out.writeInt(image.partition());
      out.writeLong(image.offset());
      out.writeInt(image.visits());
      out.writeInt(image.visitsOfContent());
      if (slot.remaining >= 0) {
        indexes[slot.remaining] = index;
      }
      index++;
    }
    out.writeInt(indexes.length);
    for (int i : indexes) {
      out.writeInt(i);
    }
    out.writeInt(retired.size());
    for (var entry : retired.entrySet()) {
      Strings.write(out, entry.getKey());
      out.writeInt(entry.getValue());
    }
  }

  /** Fills the three with slots that wait for their bytes; returns the passes. */
  static double read(DataInput in, Map<String, Slot> slots, Pass pass, Map<String, Integer> retired)
      throws IOException {
    var version = in.readInt();
    if (version != VERSION) {
      throw new IOException(
          "A window manifest of format %d, expected %d".formatted(version, VERSION));
    }
    var passes = in.readDouble();
    var arrived = new ArrayList<Slot>();
    for (int i = count(in, "images"); i > 0; i--) {
      var image =
          new WindowImage(
              Strings.read(in),
              NO_BYTES,
              in.readLong(),
              in.readInt(),
              in.readLong(),
              "",
              null,
              0,
              in.readInt(),
              in.readInt(),
              null);
      var slot = new Slot(image, false);
      arrived.add(slot);
      if (slots.put(image.id(), slot) != null) {
        throw new IOException("A window manifest that names image %s twice".formatted(image.id()));
      }
    }
    for (int i = count(in, "images of the pass"); i > 0; i--) {
      var index = in.readInt();
      if (index < 0 || index >= arrived.size() || arrived.get(index).remaining >= 0) {
        throw new IOException(
            "A window manifest whose pass names image number %d, of %d images, out of range or twice"
                .formatted(index, arrived.size()));
      }
      pass.add(arrived.get(index));
    }
    for (int i = count(in, "ids that left"); i > 0; i--) {
      retired.put(Strings.read(in), in.readInt());
    }
    return passes;
  }

  static Manifest summary(Collection<Slot> slots) {
    var firstOffsets = new TreeMap<Integer, Long>();
    for (var slot : slots) {
      firstOffsets.merge(slot.image.partition(), slot.image.offset(), Math::min);
    }
    return new Manifest(slots.size(), firstOffsets);
  }

  private static int count(DataInput in, String what) throws IOException {
    var count = in.readInt();
    if (count < 0) {
      throw new IOException("A window manifest with %d %s".formatted(count, what));
    }
    return count;
  }
}
