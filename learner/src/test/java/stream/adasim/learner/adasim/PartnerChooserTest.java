package stream.adasim.learner.adasim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.learner.window.WindowImage;

class PartnerChooserTest {
  private static final int MIN_VOTES = 3;

  /** Randomness that must not be asked for. */
  private static final RandomGenerator NONE =
      () -> {
        throw new AssertionError("Randomness was consumed");
      };

  private final Map<String, WindowImage> window = new HashMap<>();
  private final Map<String, Votes> votesOfOthers = new HashMap<>();
  private final Peers peers =
      new Peers() {
        @Override
        public @Nullable WindowImage get(String id) {
          return window.get(id);
        }

        @Override
        public @Nullable Votes votes(String id) {
          return votesOfOthers.get(id);
        }

        @Override
        public List<WindowImage> all() {
          return window.values().stream().sorted(Comparator.comparing(WindowImage::id)).toList();
        }

        @Override
        public List<WindowImage> labelled(String label) {
          return all().stream().filter(image -> label.equals(image.label())).toList();
        }
      };
  private final Usage usage = new Usage();
  private final PartnerChooser adasim = chooser(PartnerPolicy.ADASIM, Diversity.OFF);

  private PartnerChooser chooser(PartnerPolicy policy, Diversity diversity) {
    return new PartnerChooser(policy, MIN_VOTES, Gate.SELF, diversity, usage);
  }

  private WindowImage image(String id) {
    return image(id, id.hashCode());
  }

  private WindowImage image(String id, long fingerprint) {
    return image(id, fingerprint, null);
  }

  private WindowImage image(String id, long fingerprint, @Nullable String label) {
    var image = new WindowImage(id, new byte[1], fingerprint, 0, 0, "", label, 0, 1, 1, null);
    window.put(id, image);
    return image;
  }

  static Candidate candidate(String id, double similarity) {
    return Candidate.newBuilder()
        .setId(id)
        .setFingerprint(id.hashCode())
        .setSimilarity((float) similarity)
        .setVotes(1)
        .build();
  }

  static Neighbourhood neighbourhood(
      String id, int votes, boolean selfFirst, List<Candidate> ranked) {
    return Neighbourhood.newBuilder()
        .setCandidates(ranked)
        .setVotes(votes)
        .setSelfFirst(selfFirst)
        .setSelfSimilarity(0)
        .setFingerprint(id.hashCode())
        .setVisit(votes + 1)
        .setModelId("m")
        .setModelVersion(1)
        .build();
  }

  private static Votes votes(String id, int votes, boolean selfFirst, Candidate... ranked) {
    return Votes.of(id, neighbourhood(id, votes, selfFirst, List.of(ranked)));
  }

  private Choice choose(
      WindowImage image, Votes votes, double temperature, RandomGenerator random) {
    return adasim.choose(image, votes, peers, temperature, random);
  }

  private Map<String, Double> shares(
      WindowImage image, Votes votes, double temperature, int draws) {
    return shares(adasim, image, votes, temperature, draws);
  }

  private Map<String, Double> shares(
      PartnerChooser chooser,
      WindowImage image,
      @Nullable Votes votes,
      double temperature,
      int draws) {
    var random = new SplittableRandom(11);
    var counts = new HashMap<String, Double>();
    for (int i = 0; i < draws; i++) {
      var choice = chooser.choose(image, votes, peers, temperature, random);
      assertThat(choice.bootstrapped()).isEqualTo(!choice.partner().id().equals(image.id()));
      counts.merge(choice.partner().id(), 1.0 / draws, Double::sum);
    }
    return counts;
  }

  @Test
  void followsTheOfficialRuleOnRandomVotes() {
    int k = 5;
    int open = 0;
    for (int round = 0; round < 60; round++) {
      int seed = round;
      var random = new SplittableRandom(seed);
      var self = image("c0");
      int m = 3 + random.nextInt(4);
      List<Map<String, Float>> raw = new ArrayList<>();
      for (int v = 0; v < m; v++) {
        var vote = new HashMap<String, Float>();
        while (vote.size() < k) {
          int id = random.nextInt(9);
          vote.put("c" + id, (float) (id == 0 ? 0.8 : 0.4 + 0.5 * random.nextDouble()));
        }
        raw.add(vote);
      }
      for (int id = 1; id < 9; id++) {
        image("c" + id);
      }
      var sums = OfficialRule.candidates(raw, k);
      var ranked =
          sums.entrySet().stream()
              .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
              .map(entry -> candidate(entry.getKey(), entry.getValue()))
              .toList();
      boolean selfFirst = ranked.getFirst().getId().equals("c0");
      open += selfFirst ? 1 : 0;
      var votes = Votes.of("c0", neighbourhood("c0", m, selfFirst, ranked));
      var expected = OfficialRule.distribution("c0", raw, k, 0.1);
      var found = shares(self, votes, 0.1, 10_000);
      assertThat(expected.keySet()).as("seed %d", seed).containsAll(found.keySet());
      expected.forEach( // standard error at most .005
          (id, p) ->
              assertThat(found.getOrDefault(id, 0.0))
                  .as("seed %d, %s", seed, id)
                  .isCloseTo(p, within(0.025)));
    }
    assertThat(open).isBetween(10, 55); // both sides of the gate were there
  }

  @Test
  void drawsFromAKnownDistribution() {
    var self = image("self");
    image("a");
    image("b");
    // S / m = .9, .8, .7 at .1: e^0 : e^-1 : e^-2 = .6652 : .2447 : .0900
    var votes =
        votes("self", 4, true, candidate("self", 3.6), candidate("a", 3.2), candidate("b", 2.8));
    var found = shares(self, votes, 0.1, 100_000);
    assertThat(found.get("self")).isCloseTo(0.6652, within(0.007));
    assertThat(found.get("a")).isCloseTo(0.2447, within(0.007));
    assertThat(found.get("b")).isCloseTo(0.0900, within(0.005));
  }

  /** The table of ALGORITHM 2.1: nine neighbours at a mean gap below self. */
  @ParameterizedTest
  @CsvSource({
    ".001,0,.10", ".001,.003,.69", ".001,.005,.94", ".001,.01,1",
    ".01,.01,.23", ".01,.02,.45", ".01,.05,.94", ".01,.1,1",
    ".05,.05,.23", ".05,.1,.45", ".05,.2,.86"
  })
  void isAsSharpAsTheTableSays(double temperature, double gap, double expected) {
    int m = 8;
    var self = image("self");
    var ranked = new ArrayList<Candidate>();
    ranked.add(candidate("self", 0.9 * m));
    for (int i = 0; i < 9; i++) {
      image("n" + i);
      ranked.add(candidate("n" + i, (0.9 - gap) * m));
    }
    var votes = Votes.of("self", neighbourhood("self", m, true, ranked));
    assertThat(shares(self, votes, temperature, 40_000).get("self"))
        .isCloseTo(expected, within(0.012));
  }

  @Test
  void staysWithItselfWithoutEnoughVotes() {
    var self = image("self");
    image("a");
    var votes = votes("self", MIN_VOTES - 1, true, candidate("self", 2), candidate("a", 1.9));
    assertThat(choose(self, votes, 0.1, NONE)).isEqualTo(new Choice(self, false, false));
    assertThat(adasim.choose(self, null, peers, 0.1, NONE))
        .isEqualTo(new Choice(self, false, false));
  }

  @Test
  void staysWithItselfWhereAnotherImageComesFirst() {
    var self = image("self");
    image("a");
    var votes = votes("self", 5, false, candidate("a", 4), candidate("self", 3));
    assertThat(choose(self, votes, 0.1, NONE)).isEqualTo(new Choice(self, false, false));
    var absent = votes("self", 5, false, candidate("a", 4));
    assertThat(choose(self, absent, 0.1, NONE)).isEqualTo(new Choice(self, false, false));
  }

  @Test
  void letsAnEvictedImageCloseTheGate() {
    var self = image("self");
    image("a");
    var votes =
        votes(
            "self", 5, false, candidate("evicted", 4.5), candidate("self", 4), candidate("a", 3.9));
    assertThat(choose(self, votes, 0.1, NONE).gateOpen()).isFalse();
  }

  @Test
  void neverDrawsWhatLeftTheWindowOrChanged() {
    var self = image("self");
    image("a");
    image("replaced", 4711);
    var votes =
        votes(
            "self",
            4,
            true,
            candidate("self", 3.6),
            candidate("evicted", 3.6),
            candidate("replaced", 3.6),
            candidate("a", 3.6));
    var found = shares(self, votes, 0.1, 20_000);
    assertThat(found).containsOnlyKeys("self", "a");
    assertThat(found.get("a")).isCloseTo(0.5, within(0.02)); // the rest share what is left evenly
  }

  @Test
  void ignoresVotesOfContentThatWasReplaced() {
    var votes = votes("self", 5, true, candidate("self", 4), candidate("a", 4));
    image("a");
    var self = image("self", 4711);
    assertThat(choose(self, votes, 1, NONE)).isEqualTo(new Choice(self, false, false));
  }

  @Test
  void isPlainSelfDistillationAtTemperatureZero() {
    var self = image("self");
    image("a");
    var votes = votes("self", 5, true, candidate("self", 4), candidate("a", 4));
    assertThat(choose(self, votes, 0, NONE)).isEqualTo(new Choice(self, true, false));
  }

  @Test
  void isUniformAtInfiniteTemperatureAndSafeAtTinyOnes() {
    var self = image("self");
    image("a");
    image("b");
    var votes = votes("self", 4, true, candidate("self", 4), candidate("a", 1), candidate("b", -4));
    shares(self, votes, Double.POSITIVE_INFINITY, 30_000)
        .forEach((id, share) -> assertThat(share).as(id).isCloseTo(1 / 3.0, within(0.015)));
    assertThat(shares(self, votes, Double.MIN_VALUE, 1_000)).containsOnlyKeys("self");
    assertThatThrownBy(() -> choose(self, votes, Double.NaN, NONE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> choose(self, votes, -0.1, NONE))
        .hasMessage("A temperature of -0.1, expected 0 or more");
  }

  @Test
  void takesNoRandomnessWhereItIsAlone() {
    var self = image("self");
    var votes = votes("self", 5, true, candidate("self", 4), candidate("evicted", 4));
    assertThat(choose(self, votes, 0.1, NONE)).isEqualTo(new Choice(self, true, false));
  }

  @Test
  void selfPolicyMeasuresTheGateAndStaysWithItself() {
    var self = image("self");
    image("a");
    var votes = votes("self", 5, true, candidate("self", 4), candidate("a", 4));
    assertThat(chooser(PartnerPolicy.SELF, Diversity.OFF).choose(self, votes, peers, 1, NONE))
        .isEqualTo(new Choice(self, true, false));
  }

  @Test
  void nearestPolicyTakesTheBestOtherInTheWindowWithoutAGate() {
    var nearest = chooser(PartnerPolicy.NEAREST, Diversity.OFF);
    var self = image("self");
    var a = image("a");
    var votes =
        votes("self", 1, false, candidate("evicted", 2), candidate("self", 1), candidate("a", 0.5));
    assertThat(nearest.choose(self, votes, peers, 0, NONE)).isEqualTo(new Choice(a, false, true));
    var alone = votes("self", 1, true, candidate("self", 1));
    assertThat(nearest.choose(self, alone, peers, 0, NONE).partner()).isEqualTo(self);
  }

  @Test
  void withoutItsGateAdaSimDrawsWhereAnotherComesFirst() {
    var self = image("self");
    image("a");
    var votes = votes("self", 4, false, candidate("a", 3.6), candidate("self", 3.2));
    // S / m = .9 and .8 at .1: e^0 : e^-1
    var found =
        shares(chooser(PartnerPolicy.ADASIM_NO_GATE, Diversity.OFF), self, votes, 0.1, 50_000);
    assertThat(found.get("a")).isCloseTo(0.731, within(0.01));
    assertThat(choose(self, votes, 0.1, NONE).bootstrapped()).isFalse();
    var few = votes("self", MIN_VOTES - 1, false, candidate("a", 3.6));
    assertThat(
            chooser(PartnerPolicy.ADASIM_NO_GATE, Diversity.OFF).choose(self, few, peers, 1, NONE))
        .isEqualTo(new Choice(self, false, false));
  }

  @Test
  void randomTakesAnyOtherEvenly() {
    var self = image("self");
    image("a");
    image("b");
    image("z");
    var random = chooser(PartnerPolicy.RANDOM, Diversity.OFF);
    var found = shares(random, self, null, 0, 30_000);
    assertThat(found).containsOnlyKeys("a", "b", "z");
    found.forEach((id, share) -> assertThat(share).isCloseTo(1 / 3.0, within(0.015)));
    window.keySet().retainAll(List.of("self"));
    assertThat(random.choose(self, null, peers, 0, NONE)).isEqualTo(new Choice(self, false, false));
  }

  @Test
  void theOracleTakesAnotherOfTheSameLabelEvenly() {
    var self = image("self", 1, "cat");
    image("a", 2, "cat");
    image("b", 3, "cat");
    var dog = image("dog", 4, "dog");
    var none = image("unlabelled");
    var oracle = chooser(PartnerPolicy.ORACLE, Diversity.OFF);
    var found = shares(oracle, self, null, 0, 20_000);
    assertThat(found).containsOnlyKeys("a", "b");
    assertThat(found.get("a")).isCloseTo(0.5, within(0.015));
    assertThat(oracle.choose(dog, null, peers, 0, NONE).bootstrapped()).isFalse();
    assertThat(oracle.choose(none, null, peers, 0, NONE).bootstrapped()).isFalse();
  }

  @Test
  void everyPolicyMeasuresTheGate() {
    var self = image("self");
    image("a");
    var votes = votes("self", 5, true, candidate("self", 4), candidate("a", 4));
    for (var policy : PartnerPolicy.values()) {
      var choice =
          chooser(policy, Diversity.OFF).choose(self, votes, peers, 1, new SplittableRandom(1));
      assertThat(choice.gateOpen()).as("%s", policy).isTrue();
    }
  }

  @Test
  void whoeverWasAPartnerOftenBecomesOneLessOften() {
    var self = image("self");
    image("a");
    image("b");
    for (int i = 0; i < 9; i++) {
      usage.used("a");
    }
    usage.used("b");
    usage.passes(1);
    var votes = votes("self", 4, true, candidate("self", 4), candidate("a", 4), candidate("b", 4));
    // mean use of the three is 10/3: u / mean u is 2.7 and 0.3
    var found =
        shares(
            chooser(PartnerPolicy.ADASIM, new Diversity(1, false, false, 0)),
            self,
            votes,
            1,
            60_000);
    double a = 1 / 3.7;
    double b = 1 / 1.3;
    assertThat(found.get("a")).isCloseTo(a / (1 + a + b), within(0.01));
    assertThat(found.get("b")).isCloseTo(b / (1 + a + b), within(0.01));
  }

  @Test
  void aPartnerMayHaveToNameTheImageToo() {
    var self = image("self");
    image("a");
    image("b");
    image("c");
    votesOfOthers.put("a", votes("a", 4, true, candidate("a", 4), candidate("self", 3)));
    votesOfOthers.put("b", votes("b", 4, true, candidate("b", 4), candidate("a", 3)));
    var votes =
        votes(
            "self",
            4,
            true,
            candidate("self", 4),
            candidate("a", 4),
            candidate("b", 4),
            candidate("c", 4)); // has no votes yet
    var reciprocal = chooser(PartnerPolicy.ADASIM, new Diversity(0, true, false, 0));
    assertThat(shares(reciprocal, self, votes, 1, 2_000)).containsOnlyKeys("self", "a", "c");
  }

  @Test
  void aMutualGateAsksWhetherTheNearestOtherNamesTheImage() {
    var self = image("self");
    image("near");
    image("far");
    var votes =
        votes("self", 4, true, candidate("self", 4), candidate("near", 3), candidate("far", 2));
    var mutual =
        new PartnerChooser(PartnerPolicy.ADASIM, MIN_VOTES, Gate.MUTUAL, Diversity.OFF, usage);
    votesOfOthers.put("far", votes("far", 4, true, candidate("far", 4), candidate("self", 2)));
    assertThat(mutual.choose(self, votes, peers, 1, NONE))
        .as("the nearest has no votes yet")
        .isEqualTo(new Choice(self, false, false));
    assertThat(mutual.candidates(self, votes, peers)).isNull();

    votesOfOthers.put("near", votes("near", 4, true, candidate("near", 4), candidate("far", 3)));
    assertThat(mutual.choose(self, votes, peers, 1, NONE).gateOpen()).as("one-sided").isFalse();
    assertThat(mutual.alone(self, votes, peers).gateOpen()).isFalse();

    votesOfOthers.put("near", votes("near", 1, false, candidate("self", 1)));
    assertThat(mutual.alone(self, votes, peers).gateOpen()).isTrue();
    assertThat(shares(mutual, self, votes, 1, 2_000)).containsOnlyKeys("self", "near", "far");

    var lost = votes("self", 4, false, candidate("near", 4), candidate("self", 3));
    assertThat(mutual.alone(self, lost, peers).gateOpen()).as("not first itself").isFalse();

    image("near", 1);
    assertThat(mutual.alone(self, votes, peers).gateOpen())
        .as("the far one is the nearest that still is what was voted for")
        .isTrue();
    window.remove("far");
    assertThat(mutual.alone(self, votes, peers).gateOpen()).as("none is left").isFalse();
  }

  @Test
  void doesNotHeedVotesThatTheNearestOtherHadAsAnotherImage() {
    var self = image("self");
    image("near", 1);
    votesOfOthers.put("near", votes("near", 4, true, candidate("self", 4)));
    var nearAsItIsNow = Candidate.newBuilder(candidate("near", 3)).setFingerprint(1).build();
    var votes = votes("self", 4, true, candidate("self", 4), nearAsItIsNow);
    var mutual =
        new PartnerChooser(PartnerPolicy.ADASIM, MIN_VOTES, Gate.MUTUAL, Diversity.OFF, usage);
    assertThat(mutual.alone(self, votes, peers).gateOpen()).isFalse();
  }

  @Test
  void correctsForHubs() {
    var self = image("self");
    image("hub");
    image("loner");
    votesOfOthers.put("hub", votes("hub", 4, true, candidate("hub", 4), candidate("x", 3.6)));
    votesOfOthers.put("loner", votes("loner", 4, true, candidate("loner", 4), candidate("x", 2)));
    var votes =
        votes(
            "self", 4, true, candidate("self", 4), candidate("hub", 3.2), candidate("loner", 3.2));
    // 2 s - r - r': 2 - .8 - .8, 1.6 - .8 - .9, 1.6 - .8 - .5
    var found =
        shares(
            chooser(PartnerPolicy.ADASIM, new Diversity(0, false, true, 0)),
            self,
            votes,
            0.5,
            60_000);
    double hub = Math.exp((-0.1 - 0.4) / 0.5);
    double loner = Math.exp((0.3 - 0.4) / 0.5);
    assertThat(found.get("hub")).isCloseTo(hub / (1 + hub + loner), within(0.01));
    assertThat(found.get("loner")).isCloseTo(loner / (1 + hub + loner), within(0.01));
  }

  @Test
  void nobodyIsAPartnerMoreOftenThanAllowed() {
    var self = image("self");
    image("a");
    var votes = votes("self", 4, true, candidate("self", 4), candidate("a", 4));
    var capped = chooser(PartnerPolicy.ADASIM, new Diversity(0, false, false, 3));
    assertThat(shares(capped, self, votes, 1, 1_000).get("a")).isCloseTo(0.003, within(1e-9));
    usage.passes(1); // another pass, another three
    assertThat(shares(capped, self, votes, 1, 1_000).get("a")).isCloseTo(0.003, within(1e-9));
  }
}
