package stream.adasim.indexer.http;

import java.time.Duration;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import stream.adasim.http.HttpConfig;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.schemas.settings.Settings;

/**
 * Settings of the questions over HTTP.
 *
 * @param searches searches at a time, those that wait included
 * @param timeout longest time that a question may take
 */
public record QueryConfig(HttpConfig http, int searches, Duration timeout) {
  public static final String SEARCHES = "http.searches";
  public static final String TIMEOUT = "http.timeout";

  private static final int DEFAULT_PORT = 8080;

  /** Adds the keys of {@link #from} to the indexer's others. */
  public static ConfigDef define(ConfigDef definition) {
    return HttpConfig.define(definition, DEFAULT_PORT)
        .define(
            SEARCHES,
            ConfigDef.Type.INT,
            16,
            Range.between(1, 1024),
            Importance.LOW,
            "Searches over HTTP at a time, those that wait included; one more is answered with 429.")
        .define(
            TIMEOUT,
            ConfigDef.Type.STRING,
            "10s",
            Durations.between(Duration.ofMillis(100), Duration.ofMinutes(5)),
            Importance.LOW,
            "Longest time for an answer over HTTP; what takes longer is answered with 503.");
  }

  public static QueryConfig from(Settings settings) {
    return new QueryConfig(
        HttpConfig.from(settings, DEFAULT_PORT),
        settings.integer(SEARCHES),
        settings.duration(TIMEOUT));
  }
}
