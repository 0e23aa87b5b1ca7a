package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  @TempDir private Path folder;

  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    return Main.commandLine().setErr(new PrintWriter(err)).execute(words);
  }

  private void refusedInOneLine(int exit, String... parts) {
    assertThat(exit).isNotZero();
    assertThat(err.toString().strip()).contains(parts).hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"standalone", "ingest", "learner", "indexer", "status", "models export x"})
  void namesAFlagThatThereIsNot(String command) {
    refusedInOneLine(
        run((command + " --sett a=b").split(" ")),
        "--sett",
        "--set",
        "adasim " + command.replace(" x", "") + " --help");
  }

  @ParameterizedTest
  @CsvSource({"standalone", "learner", "indexer", "ingest --synthetic 5"})
  void namesAConfigFileThatIsMissing(String command) {
    Path missing = folder.resolve("missing.properties");
    refusedInOneLine(
        run((command + " --config " + missing).split(" ")), missing + ": there is no such file");
  }

  @Test
  void showsAllCommandsToWhoNamesNone() {
    assertThat(run()).isNotZero();
    assertThat(err.toString()).contains("standalone", "ingest", "learner", "indexer", "models");
  }

  @Test
  void saysThatThereIsNoBrokerToAsk() {
    refusedInOneLine(
        run("status", "--bootstrap-servers", "127.0.0.1:1"),
        "no broker answers at bootstrap.servers=127.0.0.1:1",
        "--bootstrap-servers");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--kafka-port", "--registry-port"})
  void writesNothingWhereAPortIsTaken(String option) throws IOException {
    Path data = folder.resolve("data");
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String port = Integer.toString(other.getLocalPort());
      String free = option.equals("--kafka-port") ? "--registry-port" : "--kafka-port";
      refusedInOneLine(
          run("standalone", "--data", data.toString(), option, port, free, "0"), port, option);
    }
    assertThat(data).doesNotExist();
  }

  @Test
  void namesADataFolderThatCannotBeMade() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path data = file.resolve("data");
    refusedInOneLine(
        run("standalone", "--data", data.toString(), "--kafka-port", "0", "--registry-port", "0"),
        "--data " + data);
  }
}
