package stream.adasim.ingest;

import java.time.Duration;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import stream.adasim.ingest.http.ReceiverConfig;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.schemas.settings.Settings;

/**
 * What holds for every run of ingest on one machine; what differs from run to run is in {@link
 * IngestOptions}.
 *
 * @param maxInFlight records that may wait for their acknowledgement at the same time
 * @param capturedAt where an image's capture time comes from
 * @param sourceFolder which folder above an image names its source, 1 for the one that it lies in;
 *     0 for what ingest was given
 * @param watchSettle how long a watched file must stay the same before it is read
 */
public record IngestConfig(
    Connection connection,
    int maxInFlight,
    CapturedAt capturedAt,
    int sourceFolder,
    Duration watchSettle) {

  static final String MAX_IN_FLIGHT = "ingest.max-in-flight";
  static final String CAPTURED_AT = "ingest.captured-at";
  static final String SOURCE_FOLDER = "ingest.source-folder";
  static final String WATCH_SETTLE = "ingest.watch.settle";

  /** Where an image's capture time comes from. */
  public enum CapturedAt {
    /**
     * The moment at which ingest reads it: for replayed files, so that freshness means something.
     */
    READ,
    /** The file's or entry's modification time; the moment of reading where there is none. */
    MODIFIED
  }

  /** Every key: those of the connection and ingest's own. */
  public static ConfigDef definition() {
    return define(Connection.define(new ConfigDef()));
  }

  /** Adds ingest's own keys, for a program that holds several services. */
  public static ConfigDef define(ConfigDef definition) {
    return ReceiverConfig.define(definition)
        .define(
            MAX_IN_FLIGHT,
            ConfigDef.Type.INT,
            500,
            Range.between(1, 100_000),
            Importance.MEDIUM,
            "Images that ingest lets wait for the broker's acknowledgement at the same time.")
        .define(
            CAPTURED_AT,
            ConfigDef.Type.STRING,
            "read",
            ValidString.in("read", "modified"),
            Importance.MEDIUM,
            "Capture time of ingested images: when ingest reads them, or when their file was"
                + " modified.")
        .define(
            SOURCE_FOLDER,
            ConfigDef.Type.INT,
            0,
            Range.between(0, 100),
            Importance.MEDIUM,
            "Which folder above an ingested image names its source: 1 for the one that it lies in,"
                + " 2 for the one above that; 0 for the folder or archive that ingest was given.")
        .define(
            WATCH_SETTLE,
            ConfigDef.Type.STRING,
            "1s",
            Durations.between(Duration.ofMillis(1), Duration.ofHours(1)),
            Importance.LOW,
            "How long a file in a watched folder must stay unchanged before ingest reads it.");
  }

  public static IngestConfig from(Settings settings) {
    return new IngestConfig(
        Connection.from(settings),
        settings.integer(MAX_IN_FLIGHT),
        CapturedAt.valueOf(settings.string(CAPTURED_AT).toUpperCase(Locale.ROOT)),
        settings.integer(SOURCE_FOLDER),
        settings.duration(WATCH_SETTLE));
  }
}
