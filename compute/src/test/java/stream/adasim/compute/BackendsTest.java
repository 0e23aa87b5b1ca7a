package stream.adasim.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendsTest {
  @ParameterizedTest
  @CsvSource({"auto,oneDNN 3.11", "onednn,oneDNN 3.11", "nd4j,nd4j-native 1.0.0-M2.1"})
  void opensBackendsByName(String name, String description) {
    try (Kernels kernels = Backends.open(name, 0)) {
      assertThat(kernels.describe()).startsWith(description + ", ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cuda", "ND4J"})
  void listsTheKnownBackendsWhenANameIsUnknown(String name) {
    assertThatThrownBy(() -> Backends.open(name, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("compute backend=" + name + " is unknown, expected one of auto, onednn, nd4j");
  }
}
