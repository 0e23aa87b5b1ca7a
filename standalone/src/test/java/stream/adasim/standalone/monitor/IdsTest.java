package stream.adasim.standalone.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IdsTest {
  @Test
  void countsAnIdOnceHoweverOftenItComes() {
    Ids ids = new Ids();
    ids.put(42, true);
    ids.put(42, true);
    assertThat(ids.live()).isOne();
    assertThat(ids.deleted()).isZero();
  }

  @Test
  void movesAnIdBetweenLiveAndDeletedAsItsRecordsSay() {
    Ids ids = new Ids();
    ids.put(42, true);
    ids.put(42, false);
    assertThat(ids.live()).isZero();
    assertThat(ids.deleted()).isOne();
    ids.put(42, true);
    assertThat(ids.live()).isOne();
    assertThat(ids.deleted()).isZero();
  }

  @Test
  void tellsTheFingerprintOfTheEmptySlotFromNothing() {
    Ids ids = new Ids();
    ids.put(0, true);
    assertThat(ids.live()).isOne();
  }

  @Test
  void agreesWithAMapOverManyIds() {
    long seed = 7;
    Random random = new Random(seed);
    Ids ids = new Ids();
    Map<Long, Boolean> expected = new HashMap<>();
    long[] known = random.longs(20_000).map(id -> id & ~1L).toArray();
    for (int i = 0; i < 60_000; i++) {
      long id = known[random.nextInt(known.length)];
      boolean live = random.nextInt(4) > 0;
      ids.put(id, live);
      expected.put(id, live);
    }
    long live = expected.values().stream().filter(state -> state).count();
    assertThat((long) ids.live()).as("seed %d", seed).isEqualTo(live);
    assertThat((long) ids.deleted()).as("seed %d", seed).isEqualTo(expected.size() - live);
  }
}
