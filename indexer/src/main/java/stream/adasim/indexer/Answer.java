package stream.adasim.indexer;

import java.io.DataInput;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import stream.adasim.indexer.memory.Neighbour;

/** What a shard of the memory says about one image, the record's key. */
sealed interface Answer permits Evicted, Answer.Piece {

  /**
   * What one shard found for one visit.
   *
   * @param offset the visit's
   * @param shard whose answer it is
   * @param present whether the image was in this shard when it was searched
   * @param found nearest first
   */
  record Piece(long offset, int shard, boolean present, List<Neighbour> found) implements Answer {}

  default byte[] encode() {
    return Wire.write(
        out -> {
          switch (this) {
            case Evicted(long model, int visit) -> {
              out.writeBoolean(false);
              out.writeLong(model);
              out.writeInt(visit);
            }
            case Piece(long offset, int shard, boolean present, List<Neighbour> found) -> {
              out.writeBoolean(true);
              out.writeLong(offset);
              out.writeInt(shard);
              out.writeBoolean(present);
              Wire.writeNeighbours(out, found);
            }
          }
        });
  }

  static Answer decode(byte[] bytes) {
    return Wire.read(bytes, Answer::read);
  }

  private static Answer read(DataInput in) throws IOException {
    if (!in.readBoolean()) {
      long model = in.readLong();
      return new Evicted(model, in.readInt());
    }
    long offset = in.readLong();
    int shard = in.readInt();
    boolean present = in.readBoolean();
    return new Piece(offset, shard, present, Wire.readNeighbours(in));
  }

  static Serde<Answer> serde() {
    return Serdes.serdeFrom((topic, answer) -> answer.encode(), (topic, bytes) -> decode(bytes));
  }
}
