package stream.adasim.standalone.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ImageEndsTest {
  private final ImageEnds ends = new ImageEnds(true);

  @Test
  void countsEachEndOnce() {
    ends.image("embedded", new Source(0, 1), false);
    ends.image("replaced", new Source(0, 2), false);
    ends.image("replaced", new Source(0, 3), false);
    ends.image("deleted", new Source(1, 0), false);
    ends.image("deleted", new Source(1, 1), true);
    ends.image("broken", new Source(1, 2), false);
    ends.image(null, new Source(1, 3), false);
    ends.deadLetter(new Source(1, 2));
    ends.deadLetter(new Source(1, 2));
    ends.deadLetter(new Source(1, 3));
    ends.embedding("embedded", new Source(0, 1));
    ends.embedding("replaced", new Source(0, 2));
    ends.embedding("replaced", new Source(0, 3));
    ends.embedding("deleted", new Source(1, 0));
    ends.embedding("deleted", null);

    ImageEnds.Outcome outcome = ends.outcome();
    assertThat(outcome.ids()).isEqualTo(5);
    assertThat(outcome.embedded()).isEqualTo(2);
    assertThat(outcome.deleted()).isEqualTo(1);
    assertThat(outcome.deadLettered()).isEqualTo(2);
    assertThat(outcome.letters()).isEqualTo(3);
    assertThat(outcome.waiting()).isZero();
    assertThat(outcome.faults().examples()).isEmpty();
  }

  @Test
  void saysWhatIsStillMissing() {
    ends.image("new", new Source(0, 1), false);
    ends.image("replaced", new Source(0, 4), false);
    ends.image("deleted", new Source(0, 3), true);
    ends.embedding("replaced", new Source(0, 2));
    ends.embedding("deleted", new Source(0, 0));
    ends.image(null, new Source(0, 5), false);
    ImageEnds.Outcome outcome = ends.outcome();
    assertThat(outcome.waiting()).isEqualTo(4);
    assertThat(outcome.waitingFor())
        .containsExactlyInAnyOrder(
            "new: image 0@1, found nothing",
            "replaced: image 0@4, found the embedding of 0@2",
            "deleted: deletion 0@3, found the embedding of 0@0",
            "a record without a key: 0@5");
    assertThat(outcome.faults().count()).isZero();
  }

  @Test
  void aRecordHasNoTwoEnds() {
    ends.image("both", new Source(0, 1), false);
    ends.deadLetter(new Source(0, 1));
    ends.embedding("both", new Source(0, 1));
    assertThat(ends.outcome().faults().examples())
        .containsExactly("both: 0@1 has an embedding and a dead letter");
  }

  @Test
  void noEmbeddingComesFromNowhere() {
    ends.image("image", new Source(0, 7), false);
    ends.embedding("image", new Source(0, 7));
    ends.embedding("ghost", new Source(0, 6));
    ends.embedding("sent meanwhile", new Source(0, 8));
    assertThat(ends.outcome().faults().examples())
        .containsExactly("ghost: embedded from 0@6, where no such image is");
  }

  @Test
  void whatRetentionTookIsNoFault() {
    ImageEnds rest = new ImageEnds(false);
    rest.image("image", new Source(0, 7), false);
    rest.embedding("image", new Source(0, 9)); // sent again after images was read
    rest.embedding("older", new Source(0, 1));
    assertThat(rest.outcome().embedded()).isEqualTo(1);
    assertThat(rest.outcome().faults().count()).isZero();
  }
}
