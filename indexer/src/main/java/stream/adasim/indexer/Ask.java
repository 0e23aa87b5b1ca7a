package stream.adasim.indexer;

import java.io.DataInput;
import java.io.IOException;
import java.util.Arrays;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** What a shard of the memory is told about one image, the record's key. */
sealed interface Ask {
  /** The shard that is meant. */
  int shard();

  /** An image was deleted: its own shard forgets it. */
  record Deletion(int shard) implements Ask {}

  /** A search, and in the image's own shard what to remember afterwards. */
  final class Question implements Ask {
    private final int shard;
    private final Visit visit;
    private final float[] vector;
    private final float[] query;

    /**
     * @param vector to be remembered; empty in every shard but the image's own
     * @param query to search with
     */
    Question(int shard, Visit visit, float[] vector, float[] query) {
      this.shard = shard;
      this.visit = visit;
      this.vector = vector;
      this.query = query;
    }

    @Override
    public int shard() {
      return shard;
    }

    Visit visit() {
      return visit;
    }

    float[] vector() {
      return vector;
    }

    float[] query() {
      return query;
    }

    /** Whether the shard is the image's own. */
    boolean own() {
      return vector.length > 0;
    }
  }

  /** The shard that remembers an image, of so many: the same for ever. */
  static int shardOf(String id, int shards) {
    int hash = id.hashCode();
    // Multiplied, so that ids that differ in their last letter alone don't all follow each other.
    return Math.floorMod((hash * 0x9E3779B9) >>> 8, shards);
  }

  default byte[] encode() {
    return Wire.write(
        out -> {
          out.writeInt(shard());
          out.writeBoolean(this instanceof Question);
          if (this instanceof Question question) {
            question.visit.write(out);
            Wire.writeVector(out, question.vector);
            // The same vector twice is the common case where votes are not augmented.
            boolean same = Arrays.equals(question.vector, question.query);
            out.writeBoolean(same);
            if (!same) {
              Wire.writeVector(out, question.query);
            }
          }
        });
  }

  static Ask decode(byte[] bytes) {
    return Wire.read(bytes, Ask::read);
  }

  private static Ask read(DataInput in) throws IOException {
    int shard = in.readInt();
    if (!in.readBoolean()) {
      return new Deletion(shard);
    }
    Visit visit = Visit.read(in);
    float[] vector = Wire.readVector(in);
    float[] query = in.readBoolean() ? vector : Wire.readVector(in);
    return new Question(shard, visit, vector, query);
  }

  static Serde<Ask> serde() {
    return Serdes.serdeFrom((topic, ask) -> ask.encode(), (topic, bytes) -> decode(bytes));
  }
}
