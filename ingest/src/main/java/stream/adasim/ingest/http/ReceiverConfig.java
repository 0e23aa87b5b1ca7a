package stream.adasim.ingest.http;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import stream.adasim.http.HttpConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.settings.SettingsException;

/**
 * Settings of images over HTTP.
 *
 * @param requests requests under way at the same time
 * @param memory bytes of images that all requests may hold together
 * @param requestMaxBytes bytes of one multipart request
 * @param timeout longest wait for Kafka
 */
public record ReceiverConfig(
    HttpConfig http, int requests, long memory, int requestMaxBytes, Duration timeout) {
  /** Where it listens unless told otherwise. */
  public static final int DEFAULT_PORT = 8083;

  static final String REQUESTS = "ingest.http.requests";
  static final String MEMORY = "ingest.http.memory";
  static final String REQUEST_MAX_BYTES = "ingest.http.request-max-bytes";
  static final String TIMEOUT = "ingest.http.timeout";

  private static final int MIB = 1 << 20;

  /** Adds the keys of {@link #from}. */
  public static ConfigDef define(ConfigDef definition) {
    return HttpConfig.define(definition, DEFAULT_PORT)
        .define(
            REQUESTS,
            ConfigDef.Type.INT,
            256,
            Range.between(1, 1000),
            Importance.LOW,
            "Requests over HTTP under way at the same time; one more is answered with 429.")
        .define(
            MEMORY,
            ConfigDef.Type.LONG,
            128L * MIB,
            Range.atLeast(1024),
            Importance.MEDIUM,
            "Bytes of images that all requests under way may hold; what finds no room is answered with"
                + " 429. As much again may be needed while they are serialised.")
        .define(
            REQUEST_MAX_BYTES,
            ConfigDef.Type.INT,
            64 * MIB,
            Range.between(1024, 1024 * MIB),
            Importance.LOW,
            "Bytes of one multipart request; one with a single image is bounded by `image.max-bytes`.")
        .define(
            TIMEOUT,
            ConfigDef.Type.STRING,
            "10s",
            Durations.between(Duration.ofMillis(100), Duration.ofMinutes(5)),
            Importance.LOW,
            "Longest wait for Kafka's acknowledgement; what takes longer is answered with 429.");
  }

  /**
   * Reads the keys.
   *
   * @throws SettingsException if not even one image fits into the memory
   */
  public static ReceiverConfig from(Settings settings) {
    long memory = settings.longValue(MEMORY);
    int imageMaxBytes = settings.integer(Connection.IMAGE_MAX_BYTES);
    if (memory < imageMaxBytes) {
      throw new SettingsException(
          List.of(
              "%s=%d must hold at least one image of %s=%d bytes"
                  .formatted(MEMORY, memory, Connection.IMAGE_MAX_BYTES, imageMaxBytes)));
    }
    return new ReceiverConfig(
        HttpConfig.from(settings, DEFAULT_PORT),
        settings.integer(REQUESTS),
        memory,
        settings.integer(REQUEST_MAX_BYTES),
        settings.duration(TIMEOUT));
  }

  /** For a process in which another service has the port of the settings. */
  public ReceiverConfig beside() {
    return new ReceiverConfig(
        http.beside(DEFAULT_PORT), requests, memory, requestMaxBytes, timeout);
  }
}
