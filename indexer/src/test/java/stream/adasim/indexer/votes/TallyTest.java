package stream.adasim.indexer.votes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import stream.adasim.avro.Candidate;
import stream.adasim.indexer.memory.Neighbour;

class TallyTest {

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void addsUpAsAPlainImplementationDoes(long seed) {
    Random random = new Random(seed);
    Ring ring = new Ring(new Ring.Visited("m", 1, 2, 9, 4), null, votes(random));

    Tally tally = Tally.of(ring);

    List<String> expected = plain(ring.votes());
    assertThat(tally.candidates())
        .as("seed %d", seed)
        .extracting(c -> describe(c.getId(), c.getFingerprint(), c.getSimilarity(), c.getVotes()))
        .isEqualTo(expected);
  }

  @Test
  void breaksTiesByIdAndGivesTheImageItselfNoPrecedence() {
    Neighbour self = new Neighbour("m", 1, 0.5f);
    Neighbour before = new Neighbour("a", 1, 0.5f);
    Neighbour after = new Neighbour("z", 1, 0.5f);

    Tally behind =
        Tally.of(
            new Ring(
                new Ring.Visited("m", 1, 1, 2, 4), null, List.of(List.of(self, before, after))));
    Tally ahead =
        Tally.of(new Ring(new Ring.Visited("m", 1, 1, 2, 4), null, List.of(List.of(after, self))));

    assertThat(behind.candidates()).extracting(Candidate::getId).containsExactly("a", "m", "z");
    assertThat(behind.selfFirst("m", 1)).isFalse();
    assertThat(ahead.selfFirst("m", 1)).isTrue();
  }

  @Test
  void takesTheSameIdWithAnotherFingerprintForAnotherImage() {
    Neighbour old = new Neighbour("a", 1, 0.75f);
    Neighbour now = new Neighbour("a", 2, 0.5f);

    Tally tally =
        Tally.of(
            new Ring(new Ring.Visited("m", 1, 2, 3, 4), null, List.of(List.of(old), List.of(now))));

    assertThat(tally.candidates()).hasSize(2);
    assertThat(tally.selfFirst("a", 2)).isFalse();
    assertThat(tally.selfSimilarity("a", 2)).isEqualTo(0.5f);
    assertThat(tally.agreement()).isEqualTo(0f);
  }

  @Test
  void measuresAgreementOfTheNewestTwoVotes() {
    List<Neighbour> first = List.of(new Neighbour("x", 1, 1));
    List<Neighbour> second = List.of(new Neighbour("a", 1, 1), new Neighbour("b", 1, 0.5f));
    List<Neighbour> third = List.of(new Neighbour("b", 1, 1), new Neighbour("c", 1, 0.5f));

    assertThat(
            Tally.of(new Ring(new Ring.Visited("m", 1, 1, 2, 4), null, List.of(first))).agreement())
        .isNull();
    assertThat(
            Tally.of(
                    new Ring(
                        new Ring.Visited("m", 1, 1, 4, 4), null, List.of(first, second, third)))
                .agreement())
        .isEqualTo(1f / 3);
  }

  private static List<List<Neighbour>> votes(Random random) {
    List<List<Neighbour>> votes = new ArrayList<>();
    int count = 1 + random.nextInt(8);
    for (int v = 0; v < count; v++) {
      Set<String> ids = new HashSet<>();
      int size = random.nextInt(11);
      while (ids.size() < size) {
        ids.add("image-" + random.nextInt(15));
      }
      List<Neighbour> vote = new ArrayList<>();
      // Few distinct similarities, so that sums tie.
      ids.forEach(
          id -> vote.add(new Neighbour(id, random.nextInt(2), random.nextInt(5) / 4f - 0.25f)));
      votes.add(vote);
    }
    return votes;
  }

  /** Section 2.1 of the algorithm, by loops over all candidates and votes. */
  private static List<String> plain(List<List<Neighbour>> votes) {
    Set<String> names = new TreeSet<>();
    votes.forEach(vote -> vote.forEach(n -> names.add(n.id() + " " + n.fingerprint())));
    List<Sum> sums = new ArrayList<>();
    for (String name : names) {
      float similarity = 0;
      int count = 0;
      for (List<Neighbour> vote : votes) {
        for (Neighbour n : vote) {
          if (name.equals(n.id() + " " + n.fingerprint())) {
            similarity += n.similarity();
            count++;
          }
        }
      }
      sums.add(new Sum(name, similarity, count));
    }
    List<String> ranked = new ArrayList<>();
    while (!sums.isEmpty()) {
      // Names are sorted, so that the first of equals is the one that comes first by id.
      Sum best = sums.getFirst();
      for (Sum sum : sums) {
        if (sum.similarity() > best.similarity()) {
          best = sum;
        }
      }
      sums.remove(best);
      ranked.add(best.name() + " " + best.similarity() + " " + best.votes());
    }
    return ranked;
  }

  private static String describe(String id, long fingerprint, float similarity, int votes) {
    return id + " " + fingerprint + " " + similarity + " " + votes;
  }

  private record Sum(String name, float similarity, int votes) {}
}
