package stream.adasim.indexer.votes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stream.adasim.indexer.memory.Neighbour;

/**
 * The votes of one image under one model and one content: an element of {@code votes} is what one
 * visit's search found, nearest first; the oldest vote comes first.
 *
 * <p>As bytes, big endian: model hash (8), fingerprint (8), visit (4), number of distinct
 * candidates (1), each with the length of its id (variable, 7 bits a byte), the id in UTF-8 and its
 * fingerprint (8); number of votes (1), each with its length (1) and its neighbours as number of
 * the candidate (1) and similarity (4).
 *
 * @param visit the last visit that was counted; the first one casts no vote
 */
public record Ring(long model, long fingerprint, int visit, List<List<Neighbour>> votes) {
  /** Candidates are numbered in one byte. */
  public static final int MAX_NEIGHBOURS = 256;

  public Ring {
    votes = List.copyOf(votes);
  }

  /** A ring without votes, after the first visit. */
  public static Ring first(long model, long fingerprint, int visit) {
    return new Ring(model, fingerprint, visit, List.of());
  }

  /** After a visit that casts no vote. */
  public Ring seen(int newVisit) {
    return new Ring(model, fingerprint, newVisit, votes);
  }

  /** With one more vote; the oldest leaves where there would be more than {@code most}. */
  public Ring with(int newVisit, List<Neighbour> vote, int most) {
    List<List<Neighbour>> all = new ArrayList<>(votes);
    all.add(vote);
    return new Ring(
        model, fingerprint, newVisit, all.subList(Math.max(0, all.size() - most), all.size()));
  }

  public byte[] encode() {
    Map<Content, Integer> numbers = new LinkedHashMap<>();
    votes.forEach(vote -> vote.forEach(n -> numbers.putIfAbsent(Content.of(n), numbers.size())));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeLong(model);
      out.writeLong(fingerprint);
      out.writeInt(visit);
      out.writeByte(numbers.size());
      for (Content content : numbers.keySet()) {
        byte[] id = content.id().getBytes(UTF_8);
        writeLength(out, id.length);
        out.write(id);
        out.writeLong(content.fingerprint());
      }
      out.writeByte(votes.size());
      for (List<Neighbour> vote : votes) {
        out.writeByte(vote.size());
        for (Neighbour neighbour : vote) {
          out.writeByte(numbers.getOrDefault(Content.of(neighbour), 0));
          out.writeFloat(neighbour.similarity());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  public static Ring decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    long model = in.getLong();
    long fingerprint = in.getLong();
    int visit = in.getInt();
    int distinct = Byte.toUnsignedInt(in.get());
    List<Content> contents = new ArrayList<>(distinct);
    for (int i = 0; i < distinct; i++) {
      int length = readLength(in);
      contents.add(new Content(new String(value, in.position(), length, UTF_8), idEnd(in, length)));
    }
    int size = Byte.toUnsignedInt(in.get());
    List<List<Neighbour>> votes = new ArrayList<>(size);
    for (int v = 0; v < size; v++) {
      int neighbours = Byte.toUnsignedInt(in.get());
      List<Neighbour> vote = new ArrayList<>(neighbours);
      for (int n = 0; n < neighbours; n++) {
        Content content = contents.get(Byte.toUnsignedInt(in.get()));
        vote.add(new Neighbour(content.id(), content.fingerprint(), in.getFloat()));
      }
      votes.add(List.copyOf(vote));
    }
    return new Ring(model, fingerprint, visit, votes);
  }

  /** Skips an id and reads the fingerprint behind it. */
  private static long idEnd(ByteBuffer in, int length) {
    in.position(in.position() + length);
    return in.getLong();
  }

  private static void writeLength(DataOutputStream out, int length) throws IOException {
    int rest = length;
    while (rest >= 0x80) {
      out.writeByte(rest | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }

  private static int readLength(ByteBuffer in) {
    int length = 0;
    int shift = 0;
    byte next;
    do {
      next = in.get();
      length |= (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return length;
  }

  /** A candidate: an image and the content it had. */
  private record Content(String id, long fingerprint) {
    static Content of(Neighbour neighbour) {
      return new Content(neighbour.id(), neighbour.fingerprint());
    }
  }
}
