package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LogFileTest {
  // Made before the file is known, as those of Kafka may be.
  private static final Logger OTHERS = LoggerFactory.getLogger("org.apache.kafka.clients.Example");

  @TempDir private Path folder;

  @AfterEach
  void logNowhereAgain() {
    System.clearProperty(LogFile.PROPERTY);
    LogFile.configure();
  }

  @Test
  void keepsWarningsOfOthersWithTheirStackTraces() throws IOException {
    LogFile.in(folder);
    OTHERS.info("of no interest");
    OTHERS.warn("node gone", new IOException("broken pipe"));
    assertThat(Files.readString(folder.resolve("adasim.log")))
        .contains("node gone", "broken pipe", "\tat ")
        .doesNotContain("of no interest");
  }

  @Test
  void leavesTheFileThatTheUserHasNamed() {
    Path named = folder.resolve("named.log");
    System.setProperty(LogFile.PROPERTY, named.toString());
    LogFile.in(folder);
    assertThat(System.getProperty(LogFile.PROPERTY)).isEqualTo(named.toString());
    assertThat(folder.resolve("adasim.log")).doesNotExist();
  }

  @Test
  void logsJsonWhereItIsAskedFor() throws Exception {
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.putProperty(LogFile.FORMAT, "json");
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
      context
          .getLogger("stream.adasim.Example")
          .info("event=example.done count={}", 3, new IOException("broken pipe"));
    } finally {
      context.stop();
      System.setErr(before);
    }
    String text = bytes.toString(StandardCharsets.UTF_8);
    assertThat(text.strip()).hasLineCount(1);
    JsonNode line = new JsonMapper().readTree(text);
    assertThat(line.get("formattedMessage").asText()).isEqualTo("event=example.done count=3");
    assertThat(line.get("level").asText()).isEqualTo("INFO");
    assertThat(line.get("loggerName").asText()).isEqualTo("stream.adasim.Example");
    assertThat(line.at("/throwable/message").asText()).isEqualTo("broken pipe");
  }
}
