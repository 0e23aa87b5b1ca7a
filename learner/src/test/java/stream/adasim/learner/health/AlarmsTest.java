package stream.adasim.learner.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AlarmsTest {
  private static final double LN_K = Math.log(1024);
  private final Alarms alarms = new Alarms();

  private static Indicators healthy() {
    Indicators now = new Indicators();
    now.set(Indicator.LOSS, 5);
    now.set(Indicator.TEACHER_ENTROPY, 1.5);
    now.set(Indicator.BATCH_ENTROPY, 5);
    now.set(Indicator.BOOTSTRAPPED, 0.1);
    now.set(Indicator.SELF_FIRST, 0.6);
    now.set(Indicator.VOTE_AGREEMENT, 0.5);
    now.set(Indicator.HUB_SHARE, 0.05);
    now.set(Indicator.RANK_ME, 40);
    now.set(Indicator.UNIFORMITY, -2);
    now.set(Indicator.FEATURE_STD, 0.8);
    now.set(Indicator.MEAN_COSINE, 0.3);
    return now;
  }

  private static Indicators with(Map<Indicator, Double> changes) {
    Indicators now = healthy();
    changes.forEach(now::set);
    return now;
  }

  private List<AlarmKind> check(Indicators now) {
    return alarms.check(now, false, LN_K).stream().map(Alarm::kind).toList();
  }

  private List<AlarmKind> afterHealth(Map<Indicator, Double> changes) {
    for (int i = 0; i < 5; i++) {
      assertThat(check(healthy())).isEmpty();
    }
    return check(with(changes));
  }

  @Test
  void raisesNothingBeforeThreeMiniEpochsInWhichPrototypesMove() {
    Indicators collapsed = with(Map.of(Indicator.LOSS, 6.9, Indicator.TEACHER_ENTROPY, 6.9));
    for (int i = 0; i < 4; i++) {
      assertThat(alarms.check(collapsed, true, LN_K)).isEmpty();
    }
    assertThat(check(collapsed)).isEmpty();
    assertThat(check(collapsed)).isEmpty();
    assertThat(check(collapsed)).containsExactly(AlarmKind.UNIFORM_COLLAPSE);
  }

  @Test
  void oneModeIsAFlatBatchOrModesThatVanishUnderASharpTeacher() {
    assertThat(afterHealth(Map.of(Indicator.BATCH_ENTROPY, 1.0)))
        .containsExactly(AlarmKind.ONE_MODE_COLLAPSE);
    assertThat(check(with(Map.of(Indicator.BATCH_ENTROPY, 2.0)))).isEmpty();
    assertThat(check(with(Map.of(Indicator.BATCH_ENTROPY, 2.0, Indicator.TEACHER_ENTROPY, 0.01))))
        .containsExactly(AlarmKind.ONE_MODE_COLLAPSE);
  }

  @Test
  void featuresAreComparedWithTheBeginningAndWithTheirBest() {
    assertThat(afterHealth(Map.of(Indicator.FEATURE_STD, 0.39)))
        .containsExactly(AlarmKind.FEATURE_STD);
    assertThat(check(with(Map.of(Indicator.RANK_ME, 20.0)))).containsExactly(AlarmKind.RANK_ME);
    assertThat(check(with(Map.of(Indicator.MEAN_COSINE, 0.96))))
        .containsExactly(AlarmKind.MEAN_COSINE);
    assertThat(check(with(Map.of(Indicator.UNIFORMITY, -0.05))))
        .containsExactly(AlarmKind.UNIFORMITY);
    assertThat(check(healthy())).isEmpty();
  }

  @Test
  void aNetworkThatBeganWithNarrowFeaturesMayWiden() {
    Indicators narrow = with(Map.of(Indicator.MEAN_COSINE, 0.98, Indicator.UNIFORMITY, -0.04));
    assertThat(check(narrow)).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(check(with(Map.of(Indicator.MEAN_COSINE, 0.97, Indicator.UNIFORMITY, -0.06))))
          .isEmpty();
    }
    assertThat(check(narrow)).contains(AlarmKind.MEAN_COSINE, AlarmKind.UNIFORMITY);
  }

  @Test
  void retrievalThatFallsByThirtyPerCentIsNoticedUntilItIsUsual() {
    assertThat(afterHealth(Map.of(Indicator.SELF_FIRST, 0.4))).containsExactly(AlarmKind.RETRIEVAL);
    Indicators agreement = with(Map.of(Indicator.VOTE_AGREEMENT, 0.3));
    assertThat(check(agreement)).containsExactly(AlarmKind.RETRIEVAL);
    for (int i = 0; i < 5; i++) {
      check(agreement);
    }
    assertThat(check(agreement)).isEmpty();
  }

  @Test
  void hubsAreNoticed() {
    assertThat(afterHealth(Map.of(Indicator.HUB_SHARE, 0.25))).containsExactly(AlarmKind.HUBS);
  }

  @Test
  void morePartnersWithFallingRankThriceInARowAreASpiral() {
    assertThat(afterHealth(Map.of(Indicator.BOOTSTRAPPED, 0.12, Indicator.RANK_ME, 38.0)))
        .isEmpty();
    assertThat(check(with(Map.of(Indicator.BOOTSTRAPPED, 0.14, Indicator.RANK_ME, 36.0))))
        .isEmpty();
    assertThat(check(with(Map.of(Indicator.BOOTSTRAPPED, 0.16, Indicator.RANK_ME, 34.0))))
        .containsExactly(AlarmKind.PARTNER_SPIRAL);
  }

  @Test
  void whatIsNotKnownRaisesNothing() {
    for (int i = 0; i < 6; i++) {
      assertThat(alarms.check(new Indicators(), false, Double.NaN)).isEmpty();
    }
  }

  @Test
  void qualityIsTheGeometricMeanOfItsParts() {
    check(healthy());
    Indicators now = with(Map.of(Indicator.RANK_ME, 19.6));
    check(now);
    assertThat(now.get(Indicator.RELATIVE_RANK)).isCloseTo(0.5, within(1e-9));
    assertThat(now.get(Indicator.QUALITY))
        .isCloseTo(Math.pow(0.6 * 0.5 * 0.5 * 0.95, 0.25), within(1e-9));
    Indicators unsharded = with(Map.of(Indicator.HUB_SHARE, Double.NaN));
    check(unsharded);
    assertThat(unsharded.get(Indicator.QUALITY)).isCloseTo(Math.cbrt(0.3), within(1e-9));
    Indicators unknown = with(Map.of(Indicator.SELF_FIRST, Double.NaN));
    check(unknown);
    assertThat(unknown.get(Indicator.QUALITY)).isNaN();
  }
}
