package stream.adasim.http;

import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import stream.adasim.schemas.settings.Settings;

/**
 * Where a service listens for HTTP.
 *
 * @param enabled whether it listens at all
 * @param host name or address of the interface
 * @param port 0 for any free one
 * @param portGiven whether somebody chose the port: then no other will do
 * @param advertised host:port under which others reach it; empty where that is host and port
 * @param token what a request to a path below {@code /v1/} must bring; empty where none is asked
 *     for
 */
public record HttpConfig(
    boolean enabled, String host, int port, boolean portGiven, String advertised, Password token) {

  public static final String ENABLED = "http.enabled";
  public static final String HOST = "http.host";
  public static final String PORT = "http.port";
  public static final String ADVERTISED = "http.advertised";
  public static final String TOKEN = "http.token";

  private static final Pattern HOST_PORT =
      Pattern.compile("(\\[[0-9A-Fa-f:]+]|[^\\s:/]+):(\\d{1,5})");

  /** Adds the keys of {@link #from} to a service's own, unless another service has added them. */
  public static ConfigDef define(ConfigDef definition, int defaultPort) {
    if (definition.names().contains(ENABLED)) {
      return definition;
    }
    return definition
        .define(
            ENABLED,
            ConfigDef.Type.BOOLEAN,
            true,
            Importance.MEDIUM,
            "Whether to answer over HTTP: requests, health and metrics.")
        .define(
            HOST,
            ConfigDef.Type.STRING,
            "127.0.0.1",
            new ConfigDef.NonEmptyString(),
            Importance.MEDIUM,
            "Interface to listen on. Without `http.token`, 0.0.0.0 lets in everybody who reaches the"
                + " port.")
        .define(
            PORT,
            ConfigDef.Type.INT,
            defaultPort,
            Range.between(-1, 65_535),
            Importance.MEDIUM,
            "Port to listen on: 0 for any free one, -1 for none at all. Where the default is taken, any"
                + " free one is.")
        .define(
            ADVERTISED,
            ConfigDef.Type.STRING,
            "",
            ConfigDef.LambdaValidator.with(
                HttpConfig::checkAdvertised, () -> "host:port or nothing"),
            Importance.MEDIUM,
            "host:port under which other instances reach this one; by default where it listens.")
        .define(
            TOKEN,
            ConfigDef.Type.PASSWORD,
            "",
            Importance.MEDIUM,
            "What requests to paths below /v1/ must bring as `Authorization: Bearer ...`; empty for"
                + " none. Health and metrics are open.");
  }

  /**
   * Reads the keys.
   *
   * @param defaultPort of this service; several in one process share the other defaults
   */
  public static HttpConfig from(Settings settings, int defaultPort) {
    int port = settings.given(PORT) ? settings.integer(PORT) : defaultPort;
    return new HttpConfig(
        settings.bool(ENABLED) && port >= 0,
        settings.string(HOST),
        Math.max(port, 0),
        settings.given(PORT),
        settings.string(ADVERTISED),
        settings.secret(TOKEN));
  }

  /**
   * For another service in the same process, which cannot have the same port: its own default one,
   * or any free one where that is taken, or where this has any.
   */
  public HttpConfig beside(int otherPort) {
    boolean any = portGiven && port == 0;
    return new HttpConfig(enabled, host, any ? 0 : otherPort, any, "", token);
  }

  private static void checkAdvertised(String key, Object value) {
    String text = value.toString();
    if (!text.isEmpty() && !HOST_PORT.matcher(text).matches()) {
      throw new ConfigException(key, value, "must be host:port or nothing");
    }
  }
}
