package stream.adasim.standalone.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryTest {
  private static final Status TRAINED =
      new Status(
          Duration.ofMillis(61_500),
          6_000,
          6_100,
          5_990,
          10,
          100,
          0,
          Progress.at(10, 0),
          Progress.at(60, 3),
          new Accuracy(0.25, 1_900, "m", 0),
          new Accuracy(0.5, 2_000, "m", 2),
          Duration.ofMillis(2_500));

  @Test
  void writesTheNumbersOfARunAsJson(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("summary.json");
    Summary.of(TRAINED, 0.33).write(file);

    JsonNode json = new JsonMapper().readTree(file.toFile());
    assertThat(json.get("images").asLong()).isEqualTo(6_000);
    assertThat(json.get("embeddings").asLong()).isEqualTo(5_990);
    assertThat(json.get("deadLetters").asLong()).isEqualTo(10);
    assertThat(json.get("deleted").asLong()).isEqualTo(100);
    assertThat(json.get("steps").asLong()).isEqualTo(60);
    assertThat(json.get("imagesPerSecond").asDouble())
        .as("visits between the first and the newest progress, by their time")
        .isEqualTo(32);
    assertThat(json.get("loss").asDouble()).isEqualTo(6.214);
    assertThat(json.get("gateRate").asDouble()).isEqualTo(0.12);
    assertThat(json.get("bootstrappedShare").asDouble()).isEqualTo(0.04);
    assertThat(json.get("modelVersion").asLong()).isEqualTo(3);
    assertThat(json.get("knnAccuracy").get("untrained").asDouble()).isEqualTo(0.25);
    assertThat(json.get("knnAccuracy").get("final").asDouble()).isEqualTo(0.5);
    assertThat(json.get("rawPixelKnnAccuracy").asDouble()).isEqualTo(0.33);
  }

  @Test
  void writesNullWhereNothingWasMeasured() throws IOException {
    JsonNode json = new JsonMapper().readTree(Summary.of(Status.empty(), null).toJson());
    assertThat(json.get("rawPixelKnnAccuracy").isNull()).isTrue();
    assertThat(json.get("knnAccuracy").get("untrained").isNull()).isTrue();
    assertThat(json.get("knnAccuracy").get("final").isNull()).isTrue();
    assertThat(json.get("steps").isNull()).isTrue();
    assertThat(json.get("images").asLong()).isZero();
  }

  @Test
  void takesTheOnlyProgressAtItsWord() {
    Status once =
        new Status(
            Duration.ZERO,
            0,
            0,
            0,
            0,
            0,
            0,
            Progress.at(1, 0),
            Progress.at(1, 0),
            null,
            null,
            null);
    assertThat(Summary.of(once, null).imagesPerSecond()).isEqualTo(98);
  }

  @Test
  void printsAsAShortTable() {
    assertThat(SummaryTable.of(Summary.of(TRAINED, 0.33)))
        .contains("images             6,000")
        .contains("first embedding    after 2.5 s")
        .contains("kNN untrained      25.0% of 1,900 images")
        .contains("kNN now            50.0% of 2,000 images")
        .contains("kNN raw pixels     33.0%");
    assertThat(SummaryTable.of(Summary.of(Status.empty(), null))).contains("kNN now            -");
  }
}
