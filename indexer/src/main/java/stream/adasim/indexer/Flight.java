package stream.adasim.indexer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import stream.adasim.indexer.memory.Neighbour;

/**
 * A visit that not all shards have answered yet.
 *
 * @param answered the shards that have, one bit each
 * @param present whether the image's own shard had it, once that has answered
 * @param found the nearest of what they found so far, nearest first
 */
record Flight(Visit visit, long answered, boolean present, List<Neighbour> found) {
  /** As many shards as a number has bits. */
  static final int MAX_SHARDS = Long.SIZE;

  static Flight of(Visit visit) {
    return new Flight(visit, 0, false, List.of());
  }

  /** With one shard's answer; an answer that was there already changes nothing. */
  Flight with(Answer.Piece piece, int topK) {
    List<Neighbour> all = new ArrayList<>(found);
    if ((answered & 1L << piece.shard()) == 0) {
      all.addAll(piece.found());
    }
    all.sort(Neighbour.NEAREST_FIRST);
    return new Flight(
        visit,
        answered | 1L << piece.shard(),
        present || piece.present(),
        List.copyOf(all.subList(0, Math.min(topK, all.size()))));
  }

  boolean complete(int shards) {
    return Long.bitCount(answered) == shards;
  }

  void write(DataOutput out) throws IOException {
    visit.write(out);
    out.writeLong(answered);
    out.writeBoolean(present);
    Wire.writeNeighbours(out, found);
  }

  static Flight read(DataInput in) throws IOException {
    Visit visit = Visit.read(in);
    long answered = in.readLong();
    boolean present = in.readBoolean();
    return new Flight(visit, answered, present, Wire.readNeighbours(in));
  }
}
