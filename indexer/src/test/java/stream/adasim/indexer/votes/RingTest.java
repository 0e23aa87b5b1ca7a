package stream.adasim.indexer.votes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.indexer.memory.Neighbour;

class RingTest {
  private static final Ring.Visited VISITED = new Ring.Visited("m", 1, 2, 3, 4);

  @Test
  void survivesItsBytes() {
    Random random = new Random(3);
    Ring ring =
        new Ring(
            new Ring.Visited("adasim-ü", 1L << 40, -2, 12, Long.MAX_VALUE),
            3,
            List.of(List.of(), vote(random, 10, 200), vote(random, 1, 1)));

    Ring read = Ring.decode(ring.encode());

    assertThat(read).isEqualTo(ring);
    assertThat(read.encode()).isEqualTo(ring.encode());
  }

  @Test
  void readsLongIdsWithTheirSharedBeginnings() {
    String id = "ü".repeat(9000);
    List<Neighbour> vote =
        List.of(
            new Neighbour(id, 4, 0.5f),
            new Neighbour(id, 5, 0.25f),
            new Neighbour(id + "é", 4, 0.125f),
            new Neighbour(id.substring(1) + "ý", 4, -1f));

    assertThat(Ring.decode(ring(vote).encode())).isEqualTo(ring(vote));
  }

  @Test
  void holdsTheLargestNumberOfDistinctCandidatesThatTheSettingsAllow() {
    List<Neighbour> vote = new ArrayList<>();
    for (int i = 0; i < Ring.MAX_NEIGHBOURS - 1; i++) {
      vote.add(new Neighbour("image-" + i, i, i / 32_000f));
    }

    assertThat(Ring.decode(ring(vote).encode())).isEqualTo(ring(vote));
  }

  @Test
  void dropsTheOldestVoteWhenFull() {
    Ring ring = Ring.first(VISITED);
    for (int visit = 2; visit <= 6; visit++) {
      Ring.Visited next = new Ring.Visited("m", 1, 2, visit, 3);
      ring = ring.with(next, null, List.of(new Neighbour("v" + visit, 0, 1)), 3);
    }

    assertThat(ring.last().visit()).isEqualTo(6);
    assertThat(ring.votes())
        .extracting(vote -> vote.getFirst().id())
        .containsExactly("v4", "v5", "v6");
  }

  @Test
  void keepsSimilaritiesToThe64000thAndWhatItSaysNowItSaysLater() {
    Random random = new Random(8);
    List<Neighbour> vote = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      vote.add(new Neighbour("i" + i, i, 2 * random.nextFloat() - 1));
    }
    vote.add(new Neighbour("norms a little above one", 0, 1.002f));

    Ring ring = Ring.first(VISITED).with(VISITED, null, vote, 1);

    for (int i = 0; i < vote.size(); i++) {
      assertThat(ring.votes().getFirst().get(i).similarity())
          .isCloseTo(vote.get(i).similarity(), within(1.6e-5f));
    }
    assertThat(Ring.decode(ring.encode()).neighbourhood("i7", 10))
        .isEqualTo(ring.neighbourhood("i7", 10));
  }

  @ParameterizedTest(name = "{0} distinct candidates")
  @CsvSource({"10, 395", "20, 530"})
  void takesAboutFiveHundredBytesForEightVotesOfTen(int distinct, int bytes) {
    Random random = new Random(5);
    List<String> ids =
        random.ints(distinct, 0, 16_384).mapToObj("generated-%06d"::formatted).toList();
    List<List<Neighbour>> votes = new ArrayList<>();
    for (int v = 0; v < 8; v++) {
      List<Neighbour> vote = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        String id = ids.get((v + i) % distinct);
        vote.add(new Neighbour(id, id.hashCode() * 0x9E3779B97F4A7C15L, random.nextFloat()));
      }
      votes.add(vote);
    }
    Ring.Visited visited = new Ring.Visited("adasim-0123456789ab", 3_000, 2, 90, 1_000_000);

    assertThat(new Ring(visited, 12, votes).encode()).hasSizeBetween(bytes - 40, bytes);
  }

  @Test
  void refusesWhatAnotherVersionWrote() {
    assertThatThrownBy(() -> Ring.decode(new byte[] {9, 0, 0}))
        .hasMessageContaining("found votes of format 9, expected 2");
  }

  private static Ring ring(List<Neighbour> vote) {
    return new Ring(VISITED, null, List.of(vote));
  }

  private static List<Neighbour> vote(Random random, int size, int among) {
    List<Neighbour> vote = new ArrayList<>();
    int first = random.nextInt(among);
    for (int i = 0; i < size; i++) {
      String id = "%08d".formatted((first + i) % among);
      vote.add(new Neighbour(id, (first + i) % among, random.nextInt(32_000) / 32_000f));
    }
    return vote;
  }
}
