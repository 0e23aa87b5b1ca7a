package stream.adasim.indexer.votes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import stream.adasim.indexer.memory.Neighbour;

class RingTest {

  @Test
  void survivesItsBytes() {
    Random random = new Random(3);
    Ring ring =
        new Ring(
            Long.MIN_VALUE, -2, 12, List.of(List.of(), vote(random, 10, 200), vote(random, 1, 1)));

    Ring read = Ring.decode(ring.encode());

    assertThat(read).isEqualTo(ring);
    assertThat(read.encode()).isEqualTo(ring.encode());
  }

  @Test
  void readsIdsLongerThan127Bytes() {
    String id = "ü".repeat(9000);
    Ring ring = new Ring(1, 2, 3, List.of(List.of(new Neighbour(id, 4, 0.5f))));

    assertThat(Ring.decode(ring.encode())).isEqualTo(ring);
  }

  @Test
  void holdsTheLargestNumberOfDistinctCandidatesThatTheSettingsAllow() {
    List<Neighbour> vote = new ArrayList<>();
    for (int i = 0; i < Ring.MAX_NEIGHBOURS - 1; i++) {
      vote.add(new Neighbour("image-" + i, i, i));
    }
    Ring ring = new Ring(1, 2, 3, List.of(vote));

    assertThat(Ring.decode(ring.encode())).isEqualTo(ring);
  }

  @Test
  void dropsTheOldestVoteWhenFull() {
    Ring ring = Ring.first(1, 2, 1);
    for (int visit = 2; visit <= 6; visit++) {
      ring = ring.with(visit, List.of(new Neighbour("v" + visit, 0, 1)), 3);
    }

    assertThat(ring.visit()).isEqualTo(6);
    assertThat(ring.votes())
        .extracting(vote -> vote.getFirst().id())
        .containsExactly("v4", "v5", "v6");
  }

  @Test
  void takesAboutAKilobyteForEightVotesOfTen() {
    Random random = new Random(5);
    List<List<Neighbour>> votes = new ArrayList<>();
    for (int v = 0; v < 8; v++) {
      votes.add(vote(random, 10, 20));
    }

    // 22 bytes, 8 votes of 51, and 17 for each of at most 20 distinct candidates.
    assertThat(new Ring(1, 2, 9, votes).encode().length).isBetween(600, 22 + 8 * 51 + 20 * 17);
  }

  private static List<Neighbour> vote(Random random, int size, int among) {
    List<Neighbour> vote = new ArrayList<>();
    int first = random.nextInt(among);
    for (int i = 0; i < size; i++) {
      String id = "%08d".formatted((first + i) % among);
      vote.add(new Neighbour(id, (first + i) % among, random.nextFloat()));
    }
    return vote;
  }
}
