package stream.adasim.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
}
