package stream.adasim.learner.adasim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.Candidate;
import stream.adasim.learner.window.WindowImage;

class TemperatureTest {
  private static final int BATCH = 64;

  private static Temperature adaptive(double most) {
    return new Temperature(new Temperature.Settings(TemperatureMode.ADAPTIVE, 0.01, 0, 0, most));
  }

  /** An image whose nine neighbours lie at the same gap below it. */
  private static Candidates candidates(double gap) {
    List<Candidate> ranked = new ArrayList<>();
    ranked.add(PartnerChooserTest.candidate("self", 0.9));
    for (int i = 0; i < 9; i++) {
      ranked.add(PartnerChooserTest.candidate("n" + i, 0.9 - gap));
    }
    Votes votes = Votes.of("self", PartnerChooserTest.neighbourhood("self", 1, true, ranked));
    Peers everybody =
        new Peers() {
          @Override
          public WindowImage get(String id) {
            return image(id);
          }

          @Override
          public @Nullable Votes votes(String id) {
            return null;
          }

          @Override
          public List<WindowImage> all() {
            return List.of();
          }

          @Override
          public List<WindowImage> labelled(String label) {
            return List.of();
          }
        };
    return new Candidates(image("self"), votes, everybody, Diversity.OFF, new Usage());
  }

  private static WindowImage image(String id) {
    return new WindowImage(id, new byte[1], id.hashCode(), 0, 0, "", null, 0, 1, 1, null);
  }

  private static double settled(Temperature temperature, double gap, int open) {
    for (int i = 0; i < 200; i++) {
      temperature.adapt(Collections.nCopies(open, candidates(gap)), BATCH);
    }
    return temperature.at(0);
  }

  @Test
  void staysOrFollowsItsSchedule() {
    assertThat(new Temperature(Temperature.Settings.fixed(0.03)).at(1_000_000)).isEqualTo(0.03);
    Temperature scheduled =
        new Temperature(new Temperature.Settings(TemperatureMode.SCHEDULED, 0, 0.2, 100, 0));
    assertThat(scheduled.at(0)).isZero();
    assertThat(scheduled.at(25)).isCloseTo(0.05, within(1e-12));
    assertThat(scheduled.at(100)).isEqualTo(0.2);
    assertThat(scheduled.at(1_000)).isEqualTo(0.2);
    Temperature cosine =
        new Temperature(new Temperature.Settings(TemperatureMode.COSINE, 0.2, 0, 100, 0));
    assertThat(cosine.at(0)).isEqualTo(0.2);
    assertThat(cosine.at(25)).isCloseTo(0.1 + 0.1 * Math.sqrt(0.5), within(1e-12));
    assertThat(cosine.at(50)).isCloseTo(0.1, within(1e-12));
    assertThat(cosine.at(100)).isZero();
    Temperature at =
        new Temperature(new Temperature.Settings(TemperatureMode.COSINE, 0.2, 0.1, 0, 0));
    assertThat(at.at(0)).isEqualTo(0.1);
  }

  @Test
  void adaptsUntilTheWantedShareIsBootstrapped() {
    Temperature temperature = adaptive(0.5);
    temperature.miniEpoch(0.5, false); // half of the way from .3 to .7: b* is .25
    double found = settled(temperature, 0.02, 32); // half of the gates are open: half of those
    // 9 exp(-.02 / T) = 1
    assertThat(found).isCloseTo(0.02 / Math.log(9), within(1e-5));
    assertThat(candidates(0.02).bootstrapped(found)).isCloseTo(0.5, within(1e-3));
  }

  @Test
  void aHigherQualityGivesAHigherTemperature() {
    double before = 0;
    for (double quality : new double[] {0.4, 0.5, 0.6, 0.7}) {
      Temperature temperature = adaptive(0.5);
      temperature.miniEpoch(quality, false);
      double now = settled(temperature, 0.02, BATCH);
      assertThat(now).isGreaterThan(before);
      before = now;
    }
    Temperature best = adaptive(0.5);
    best.miniEpoch(1, false);
    assertThat(settled(best, 0.02, BATCH)).isCloseTo(before, within(1e-9)); // .7 is all it takes
  }

  @Test
  void isPlainSelfDistillationWithoutAQualityOrWithAPoorOne() {
    Temperature temperature = adaptive(0.5);
    assertThat(temperature.at(0)).isZero();
    assertThat(temperature.adapts()).isFalse();
    temperature.miniEpoch(0.3, false);
    assertThat(temperature.at(0)).isZero();
  }

  @Test
  void staysAtItsLimitWhereTooFewGatesAreOpen() {
    Temperature temperature = adaptive(1);
    temperature.miniEpoch(1, false);
    assertThat(settled(temperature, 0.5, 1)).isCloseTo(Temperature.MOST, within(1e-6));
  }

  @Test
  void anAlarmHoldsUntilTwoMiniEpochsWereClean() {
    Temperature temperature = adaptive(0.5);
    temperature.miniEpoch(0.6, false);
    assertThat(temperature.at(0)).isPositive();
    temperature.miniEpoch(0.6, true);
    assertThat(temperature.at(0)).isZero();
    temperature.miniEpoch(0.6, false);
    assertThat(temperature.at(0)).isZero();
    temperature.miniEpoch(0.6, false);
    assertThat(temperature.at(0)).isPositive();
  }

  @Test
  void goesOnFromWhatItSaved() throws IOException {
    Temperature temperature = adaptive(0.5);
    temperature.miniEpoch(0.6, false);
    settled(temperature, 0.02, 40);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    temperature.save(new DataOutputStream(bytes));
    Temperature resumed = adaptive(0.5);
    resumed.restore(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(resumed.at(0)).isEqualTo(temperature.at(0));
    assertThat(settled(resumed, 0.05, 10)).isEqualTo(settled(temperature, 0.05, 10));
  }
}
