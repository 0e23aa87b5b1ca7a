package stream.adasim.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.schemas.wire.Vectors;

class VisitReplayTest {
  private static final int VOTES = 3;

  private final VisitReplay replay = new VisitReplay(VOTES, 2, true);

  private static Representation record(RepresentationKind kind, int visit, long version, long at) {
    return Representation.newBuilder()
        .setKind(kind)
        .setVector(Vectors.of(new float[0]))
        .setQuery(Vectors.of(new float[0]))
        .setVisit(visit)
        .setStep(visit)
        .setModelId("m")
        .setModelVersion(version)
        .setFingerprint(9)
        .setCapturedAt(Instant.EPOCH)
        .setSourcePartition(0)
        .setSourceOffset(at)
        .build();
  }

  private void visits(String id, int... numbers) {
    for (int number : numbers) {
      replay.representation(0, id, record(RepresentationKind.VISIT, number, 1, 5));
    }
  }

  private void published(String id, int visit, int votes) {
    replay.neighbourhood(
        id,
        new Neighbourhood(
            List.of(), votes, true, 0f, true, null, 9L, visit, (long) visit, "m", 1L, null));
  }

  @Test
  void countsOneVotePerVisitFromTheSecondOn() {
    published("a", 3, 2);
    published("b", 6, VOTES);
    visits("a", 1, 2, 3, 4); // one came since
    visits("b", 1, 2, 3, 4, 5, 6);
    VisitReplay.Outcome outcome = replay.outcome();
    assertThat(outcome.faults().examples()).isEmpty();
    assertThat(outcome.agreeing()).isEqualTo(2);
    assertThat(outcome.underWay()).isEqualTo(1);
    assertThat(outcome.visits()).isEqualTo(10);
  }

  @Test
  void repeatedVisitsCountOnce() {
    published("a", 3, 2);
    visits("a", 1, 2, 1, 2, 3);
    assertThat(replay.outcome().repeated()).isEqualTo(2);
    assertThat(replay.outcome().agreeing()).isEqualTo(1);
    assertThat(replay.outcome().faults().count()).isZero();
  }

  @Test
  void noticesAVoteTooMany() {
    published("a", 2, 2);
    visits("a", 1, 2);
    assertThat(replay.outcome().faults().examples())
        .containsExactly("a, visit 2: 2 votes, its visits make 1");
  }

  @Test
  void noticesALostVoteUnlessTheMemoryWasFull() {
    published("a", 3, 1);
    visits("a", 1, 2, 3);
    assertThat(replay.outcome().faults().count()).isEqualTo(1);

    VisitReplay full = new VisitReplay(VOTES, 0, true);
    full.neighbourhood(
        "a", new Neighbourhood(List.of(), 1, true, 0f, true, null, 9L, 3, 3L, "m", 1L, null));
    for (int visit = 1; visit <= 3; visit++) {
      full.representation(0, "a", record(RepresentationKind.VISIT, visit, 1, 5));
    }
    assertThat(full.outcome().faults().count()).isZero();
    assertThat(full.outcome().left()).isEqualTo(1);
  }

  @Test
  void noticesAVisitThatNobodyMade() {
    published("a", 7, 2);
    visits("a", 1, 2);
    assertThat(replay.outcome().faults().examples())
        .containsExactly("a: a neighbourhood after visit 7, which nobody made");
  }

  @Test
  void visitsOfADeletedImageDontCount() {
    published("a", 2, 1);
    visits("a", 1, 2);
    replay.representation(0, "a", record(RepresentationKind.DELETION, 0, 0, 8));
    visits("a", 3, 4);
    assertThat(replay.outcome().agreeing()).isEqualTo(1);
    assertThat(replay.outcome().underWay()).isZero();
  }

  @Test
  void noticesATrainerThatGoesBackToAnOlderModel() {
    visits("a", 1);
    replay.representation(0, "b", record(RepresentationKind.VISIT, 1, 0, 5));
    assertThat(replay.outcome().faults().examples())
        .containsExactly("visits of partition 0 go back from model version 1 to 0 (b, step 1)");
  }
}
