package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prometheus' own tool checks its configuration and runs the tests of the alert rules. */
class ObserveTest {
  private static final Path OBSERVE = Path.of("..", "deploy", "observe");

  @ParameterizedTest
  @ValueSource(strings = {"check config prometheus.yml", "test rules alerts_test.yml"})
  void passesPromtool(String arguments) throws IOException, InterruptedException {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(":", -1))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool"))),
        "promtool is not installed (Debian: apt-get install prometheus); the alert rules are not"
            + " tested");
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments.split(" ", -1)));
    Process process =
        new ProcessBuilder(command).directory(OBSERVE.toFile()).redirectErrorStream(true).start();
    String said = process.inputReader().readAllAsString();
    assertThat(process.waitFor()).as(said).isZero();
  }
}
