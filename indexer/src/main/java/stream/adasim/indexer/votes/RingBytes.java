package stream.adasim.indexer.votes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import stream.adasim.indexer.memory.Neighbour;

/**
 * A ring as bytes. Numbers without a size are of variable length, 7 bits a byte, lowest first:
 * format (1 byte), length and UTF-8 of the model's id, fingerprint (8), visit, step, model version,
 * hubness plus 1 or 0 for none; number of distinct candidates (1), each, in the order of ids, as
 * length of what its id shares with the one before, length and bytes of the rest, and fingerprint
 * (8); number of votes (1), the length of each (1), for all their neighbours the number of the
 * candidate, in as few bits as the largest needs, and then for all of them the similarity in
 * 1/32000 (2). The rest is big endian.
 *
 * <p>Eight votes of ten take 530 bytes where they name 20 distinct images with ids such as {@code
 * generated-000123}, and 395 where they name ten.
 */
final class RingBytes {
  private static final byte FORMAT = 2;

  /** 1 and .5 are whole numbers of it, and a little more than 1 still fits into two bytes. */
  private static final float STEPS = 32_000;

  private RingBytes() {}

  /** The similarity that comes back from the bytes, 1/64000 away at most. */
  static float kept(float similarity) {
    return steps(similarity) / STEPS;
  }

  private static short steps(float similarity) {
    return (short) Math.clamp(Math.round(similarity * STEPS), Short.MIN_VALUE, Short.MAX_VALUE);
  }

  static byte[] encode(Ring ring) {
    TreeSet<Candidate> candidates = new TreeSet<>();
    ring.votes().forEach(vote -> vote.forEach(n -> candidates.add(Candidate.of(n))));
    Out out = new Out();
    out.need(1).put(FORMAT);
    Ring.Visited last = ring.last();
    out.text(last.modelId().getBytes(UTF_8), 0);
    out.need(Long.BYTES).putLong(last.fingerprint());
    out.number(last.visit());
    out.number(last.step());
    out.number(last.modelVersion());
    out.number(ring.hubness() == null ? 0 : ring.hubness() + 1L);
    out.need(1).put((byte) candidates.size());
    Map<Candidate, Integer> numbers = HashMap.newHashMap(candidates.size());
    byte[] before = {};
    for (Candidate candidate : candidates) {
      numbers.put(candidate, numbers.size());
      byte[] id = candidate.id().getBytes(UTF_8);
      int shared = Math.max(0, Arrays.mismatch(before, id));
      shared = Arrays.equals(before, id) ? id.length : shared;
      out.number(shared);
      out.text(id, shared);
      out.need(Long.BYTES).putLong(candidate.fingerprint());
      before = id;
    }
    out.need(1 + ring.votes().size()).put((byte) ring.votes().size());
    ring.votes().forEach(vote -> out.need(1).put((byte) vote.size()));
    List<Neighbour> all = ring.votes().stream().flatMap(List::stream).toList();
    int width = width(candidates.size());
    long bits = 0;
    int held = 0;
    for (Neighbour neighbour : all) {
      bits = (bits << width) | numbers.getOrDefault(Candidate.of(neighbour), 0);
      held += width;
      for (; held >= Byte.SIZE; held -= Byte.SIZE) {
        out.need(1).put((byte) (bits >>> (held - Byte.SIZE)));
      }
    }
    if (held > 0) {
      out.need(1).put((byte) (bits << (Byte.SIZE - held)));
    }
    all.forEach(neighbour -> out.need(Short.BYTES).putShort(steps(neighbour.similarity())));
    return out.bytes();
  }

  /**
   * Reads what {@link #encode} made.
   *
   * @throws IllegalArgumentException if it has another format
   */
  static Ring decode(byte[] value) {
    ByteBuffer in = ByteBuffer.wrap(value);
    byte format = in.get();
    if (format != FORMAT) {
      throw new IllegalArgumentException(
          "found votes of format %d, expected %d: another version wrote them; start with a new application.id and state.dir"
              .formatted(format, FORMAT));
    }
    String modelId = new String(bytes(in, (int) number(in)), UTF_8);
    long fingerprint = in.getLong();
    int visit = (int) number(in);
    long step = number(in);
    long modelVersion = number(in);
    long hubness = number(in);
    List<Candidate> candidates = candidates(in);
    int[] sizes = new int[Byte.toUnsignedInt(in.get())];
    for (int v = 0; v < sizes.length; v++) {
      sizes[v] = Byte.toUnsignedInt(in.get());
    }
    int width = width(candidates.size());
    int[] numbers = new int[Arrays.stream(sizes).sum()];
    long bits = 0;
    int held = 0;
    for (int i = 0; i < numbers.length; i++) {
      for (; held < width; held += Byte.SIZE) {
        bits = (bits << Byte.SIZE) | Byte.toUnsignedLong(in.get());
      }
      held -= width;
      numbers[i] = (int) ((bits >>> held) & ((1L << width) - 1));
    }
    List<List<Neighbour>> votes = new ArrayList<>(sizes.length);
    int next = 0;
    for (int size : sizes) {
      List<Neighbour> vote = new ArrayList<>(size);
      for (int n = 0; n < size; n++) {
        Candidate candidate = candidates.get(numbers[next++]);
        vote.add(new Neighbour(candidate.id(), candidate.fingerprint(), in.getShort() / STEPS));
      }
      votes.add(List.copyOf(vote));
    }
    Ring.Visited last = new Ring.Visited(modelId, modelVersion, fingerprint, visit, step);
    return new Ring(last, hubness == 0 ? null : (int) (hubness - 1), votes);
  }

  private static List<Candidate> candidates(ByteBuffer in) {
    int size = Byte.toUnsignedInt(in.get());
    List<Candidate> candidates = new ArrayList<>(size);
    byte[] before = {};
    for (int i = 0; i < size; i++) {
      int shared = (int) number(in);
      int rest = (int) number(in);
      byte[] id = Arrays.copyOf(before, shared + rest);
      in.get(id, shared, rest);
      candidates.add(new Candidate(new String(id, UTF_8), in.getLong()));
      before = id;
    }
    return candidates;
  }

  /** Bits that number so many candidates. */
  private static int width(int candidates) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(0, candidates - 1));
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static long number(ByteBuffer in) {
    long number = 0;
    int shift = 0;
    byte next;
    do {
      next = in.get();
      number |= (next & 0x7fL) << shift;
      shift += 7;
    } while (next < 0);
    return number;
  }

  /** An image and the content it had. */
  private record Candidate(String id, long fingerprint) implements Comparable<Candidate> {
    static Candidate of(Neighbour neighbour) {
      return new Candidate(neighbour.id(), neighbour.fingerprint());
    }

    @Override
    public int compareTo(Candidate other) {
      int byId = id.compareTo(other.id);
      return byId != 0 ? byId : Long.compare(fingerprint, other.fingerprint);
    }
  }

  /** A buffer that grows. */
  private static final class Out {
    private ByteBuffer buffer = ByteBuffer.allocate(640);

    ByteBuffer need(int bytes) {
      if (buffer.remaining() < bytes) {
        ByteBuffer larger =
            ByteBuffer.allocate(Math.max(2 * buffer.capacity(), buffer.position() + bytes));
        buffer = larger.put(buffer.flip());
      }
      return buffer;
    }

    void number(long number) {
      long rest = number;
      need(10);
      while ((rest & ~0x7fL) != 0) {
        buffer.put((byte) (rest | 0x80));
        rest >>>= 7;
      }
      buffer.put((byte) rest);
    }

    void text(byte[] utf8, int from) {
      number(utf8.length - (long) from);
      need(utf8.length - from).put(utf8, from, utf8.length - from);
    }

    byte[] bytes() {
      return Arrays.copyOf(buffer.array(), buffer.position());
    }
  }
}
