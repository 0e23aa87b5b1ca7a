package stream.adasim.learner.adasim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.learner.window.WindowImage;

class NeighboursTest {
  private final Map<String, WindowImage> window =
      new HashMap<>(
          Map.of("i", new WindowImage("i", new byte[1], 1, 0, 0, "", null, 0, 1, 1, null)));
  private final Neighbours neighbours = new Neighbours("m", window::get);

  private static Neighbourhood at(int visit, String modelId, float similarity) {
    var made =
        PartnerChooserTest.neighbourhood(
            "i", 3, true, List.of(PartnerChooserTest.candidate("i", similarity)));
    made.setVisit(visit);
    made.setModelId(modelId);
    return made;
  }

  private int visit() {
    var votes = neighbours.get("i");
    return votes == null ? -1 : votes.visit;
  }

  @Test
  void keepsTheNewestByVisit() {
    assertThat(neighbours.put("i", at(4, "m", 1))).isTrue();
    assertThat(neighbours.put("i", at(3, "m", 1))).isFalse();
    assertThat(visit()).isEqualTo(4);
    assertThat(neighbours.put("i", at(5, "m", 1))).isTrue();
    assertThat(visit()).isEqualTo(5);
    assertThat(neighbours.size()).isEqualTo(1);
  }

  @Test
  void ignoresOtherModelsAndImagesThatAreNotInTheWindow() {
    assertThat(neighbours.put("i", at(4, "other", 1))).isFalse();
    assertThat(neighbours.put("stranger", at(4, "m", 1))).isFalse();
    assertThat(neighbours.size()).isZero();
  }

  @Test
  void forgetsWhatWasDeletedOrLeft() {
    neighbours.put("i", at(4, "m", 1));
    assertThat(neighbours.put("i", null)).isTrue();
    assertThat(neighbours.get("i")).isNull();
    neighbours.put("i", at(2, "m", 1));
    neighbours.forget("i");
    assertThat(neighbours.get("i")).isNull();
  }

  @Test
  void stopsAtSimilaritiesThatAreNoNumbers() {
    assertThatThrownBy(() -> neighbours.put("i", at(4, "m", Float.NaN)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("image i, visit 4, model m, has a similarity of NaN");
  }
}
