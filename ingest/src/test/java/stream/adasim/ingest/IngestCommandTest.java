package stream.adasim.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class IngestCommandTest {
  @TempDir private Path temp;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    return new CommandLine(new IngestCommand(Map.of()))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(words);
  }

  private void assertOneLine(String... parts) {
    assertThat(err.toString().strip()).contains(parts).hasLineCount(1);
    assertThat(err.toString()).doesNotContain("\tat ");
  }

  @Test
  void saysWhatItCanSendWhenGivenNothing() {
    assertThat(run()).isEqualTo(IngestCommand.USAGE);
    assertOneLine("nothing to send", "PATH", "--synthetic", "--delete");
  }

  @Test
  void namesAPathThatIsMissing() {
    assertThat(run(temp.resolve("nowhere").toString())).isEqualTo(IngestCommand.USAGE);
    assertOneLine("nowhere", "no such file or folder");
  }

  @Test
  void namesAPathOfAnUnknownKind() throws IOException {
    Path file = Files.writeString(temp.resolve("notes.txt"), "hello");

    assertThat(run(file.toString())).isEqualTo(IngestCommand.USAGE);
    assertOneLine("notes.txt", "no image source", "folder");
  }

  @ParameterizedTest
  @CsvSource({
    "--synthetic=0, at least 1",
    "--synthetic=5 --size=20, 32..96",
    "--synthetic=5 --rate=0, above 0",
    "--synthetic=5 --rate=-3, above 0",
    "--synthetic=5 --rate=NaN, above 0",
    "--synthetic=5 --repeat=0, at least 1",
    "--synthetic=5 --limit=0, at least 1",
    "--synthetic=5 --watch, needs a folder",
    "--synthetic=5 --set=image.max-byte=9, image.max-bytes",
    "--synthetic=5 --set=image.max-bytes=9, image.max-bytes",
    "--synthetic=5 --set=ingest.captured-at=never, ingest.captured-at",
    "--synthetic=5 --set=ingest.watch.settle=soon, ingest.watch.settle",
    "--synthetic=5 --config=/nowhere.properties, /nowhere.properties",
  })
  void refusesBadValuesInOneLine(String words, String part) {
    assertThat(run(words.split(" "))).isEqualTo(IngestCommand.USAGE);
    assertOneLine(part);
  }

  @Test
  void refusesTwoSourcesWithTheSameIds() throws IOException {
    Path one = Files.createDirectories(temp.resolve("a/photos"));
    Path two = Files.createDirectories(temp.resolve("b/photos"));

    assertThat(run(one.toString(), two.toString())).isEqualTo(IngestCommand.USAGE);
    assertOneLine("photos", "--id-prefix");
  }

  @Test
  void refusesUnknownOptions() {
    assertThat(run("--shufle", "1")).isEqualTo(IngestCommand.USAGE);
    assertThat(err.toString()).contains("--shufle");
  }

  @Test
  void saysInOneLineThatThereIsNoBroker() {
    int code = run("--synthetic", "5", "--bootstrap-servers", "no-such-host.invalid:9092");

    assertThat(code).isEqualTo(IngestCommand.BAD_WORLD);
    assertOneLine("bootstrap");
  }

  @Test
  void explainsItselfWithExamplesAndExitCodes() {
    assertThat(run("--help")).isEqualTo(IngestCommand.FINE);
    assertThat(out.toString())
        .contains("--synthetic", "--shuffle", "--watch", "--delete", "--id-prefix")
        .contains(
            "Examples:", "adasim ingest --watch photos/", "Exit codes:", "tar.gz goes through");
  }

  @Test
  void sumsUp() {
    assertThat(IngestCommand.summary(new IngestReport(100, 2, 3_000_000, 4, 5, 0), 10))
        .isEqualTo(
            "sent 100 images (3.0 MB) in 10.0 s, 10.0 images/s; deleted 2; skipped 4; unreadable 5");
  }

  @Test
  void expectsAllPassesUpToTheLimit() {
    var options = IngestOptions.of(new Drawings(20, 32, 1));
    assertThat(IngestCommand.total(options, options.sources(9999))).hasValue(20);
    options = options.withRepeat(3);
    assertThat(IngestCommand.total(options, options.sources(9999))).hasValue(60);
    options = options.withLimit(50);
    assertThat(IngestCommand.total(options, options.sources(9999))).hasValue(50);
  }
}
