package stream.adasim.standalone.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;

/** The file that keeps what standard error leaves out: warnings of others, and stack traces. */
final class LogFile {
  /** Read by logback.xml. */
  static final String PROPERTY = "adasim.log";

  /** Read by logback.xml, too. */
  static final String FORMAT = "adasim.log.format";

  private LogFile() {}

  /** Logs to {@code adasim.log} in the folder from now on, unless the property names a file. */
  static void in(Path folder) {
    if (System.getProperty(PROPERTY) == null) {
      System.setProperty(PROPERTY, folder.resolve("adasim.log").toString());
      configure();
    }
  }

  /** Logs in the format that the settings ask for from now on. */
  static void format(Settings settings) {
    String format = settings.string(Connection.LOG_FORMAT);
    if (settings.given(Connection.LOG_FORMAT) && !format.equals(System.getProperty(FORMAT))) {
      System.setProperty(FORMAT, format);
      configure();
    }
  }

  /** Reads logback.xml again, for loggers exist before the command line says where data lie. */
  static void configure() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    try {
      new ContextInitializer(context).autoConfig();
    } catch (JoranException e) {
      throw new IllegalStateException("logback.xml is not fit for use", e);
    }
  }
}
