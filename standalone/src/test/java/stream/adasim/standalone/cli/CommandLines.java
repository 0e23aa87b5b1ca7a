package stream.adasim.standalone.cli;

import java.io.PrintWriter;
import org.apache.kafka.common.config.ConfigDef;

/** The command line, for tests in other packages. */
public final class CommandLines {
  private CommandLines() {}

  /** Runs one command; its exit code. */
  public static int run(PrintWriter out, PrintWriter err, String... words) {
    return Main.commandLine().setOut(out).setErr(err).execute(words);
  }

  /** The settings of all services. */
  public static ConfigDef definition() {
    return Standalone.definition();
  }
}
