package stream.adasim.standalone.experiment;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.jspecify.annotations.Nullable;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Durations;
import stream.adasim.schemas.settings.Settings;

/**
 * What an experiment's file asks for, checked.
 *
 * @param data place of the images to learn from
 * @param sourceFolder how many folders above an image names its source; 0 for the place
 * @param heldOut place of those to classify, or a share of the data between 0 and 1
 * @param budget how long each run trains
 * @param evaluatePasses passes between two measurements, 0 for ten in all
 * @param bankImages images of the data that classification compares with
 * @param start file of the weights that every run starts from, or null for those of its seed
 * @param keepModels whether each run's last model stays in its folder
 * @param threads of each run's arithmetic
 * @param parallel runs at a time
 * @param text the file as it is
 */
public record Plan(
    String name,
    String data,
    int dataImages,
    int sourceFolder,
    String heldOut,
    int heldOutImages,
    Budget budget,
    double evaluatePasses,
    int bankImages,
    @Nullable Path start,
    boolean keepModels,
    List<Long> seeds,
    int threads,
    int parallel,
    List<Arm> arms,
    String text) {
  static final String ORDER = "stream.order";
  private static final String GRID = "grid.";

  public Plan {
    seeds = List.copyOf(seeds);
    arms = List.copyOf(arms);
  }

  /** What the first measurement of a run is of, in words. */
  String beginning() {
    return start == null ? "untrained network" : "model at the start";
  }

  /** How long a run trains: one of the three. */
  sealed interface Budget {
    record Steps(long steps) implements Budget {}

    /** Visits per image. */
    record Passes(double passes) implements Budget {}

    /** Time spent in training alone; such runs can't be repeated bit for bit. */
    record Time(Duration time) implements Budget {}

    /** Steps that a run takes; the most that it could where only time is given. */
    default long steps(int images, int batch) {
      return switch (this) {
        case Steps(long steps) -> steps;
        case Passes(double passes) -> Math.max(1, Math.round(passes * images / batch));
        case Time time -> Long.MAX_VALUE;
      };
    }
  }

  /** The keys of an experiment beside settings and grid. */
  public static ConfigDef definition() {
    return new ConfigDef()
        .define(
            "name", ConfigDef.Type.STRING, "experiment", Importance.MEDIUM, "Title of the report.")
        .define(
            "data",
            ConfigDef.Type.STRING,
            ConfigDef.NO_DEFAULT_VALUE,
            new ConfigDef.NonEmptyString(),
            Importance.HIGH,
            "Images to learn from: a folder, tar, zip or IDX file, archive.tar!/folder,"
                + " synthetic:N.")
        .define(
            "data.images",
            ConfigDef.Type.INT,
            10_000,
            Range.between(2, 10_000_000),
            Importance.MEDIUM,
            "Images taken of them at most, at random.")
        .define(
            "data.source-folder",
            ConfigDef.Type.INT,
            0,
            Range.between(0, 100),
            Importance.LOW,
            "How many folders above an image names its source, for memory.same-source-gap: 1 for the"
                + " folder it lies in (its label), 2 for the one above; 0 for data itself.")
        .define(
            "held-out",
            ConfigDef.Type.STRING,
            "0.2",
            Importance.HIGH,
            "Images to classify: a place as for data, or the share of data to hold out.")
        .define(
            "held-out.images",
            ConfigDef.Type.INT,
            2_000,
            Range.between(2, 1_000_000),
            Importance.MEDIUM,
            "Images taken of them at most.")
        .define(
            "steps",
            ConfigDef.Type.LONG,
            0L,
            Range.atLeast(0),
            Importance.HIGH,
            "Steps of each run.")
        .define(
            "passes",
            ConfigDef.Type.DOUBLE,
            0.0,
            Range.atLeast(0),
            Importance.HIGH,
            "Instead of steps: visits per image.")
        .define(
            "time",
            ConfigDef.Type.STRING,
            "0s",
            Durations.between(Duration.ZERO, Duration.ofDays(30)),
            Importance.MEDIUM,
            "Instead of steps: time that each run trains.")
        .define(
            "evaluate.passes",
            ConfigDef.Type.DOUBLE,
            0.0,
            Range.atLeast(0),
            Importance.MEDIUM,
            "Passes between two measurements; 0 for ten in all.")
        .define(
            "evaluate.bank",
            ConfigDef.Type.INT,
            5_000,
            Range.between(1, 1_000_000),
            Importance.MEDIUM,
            "Images of data that classification compares with at most.")
        .define(
            "start",
            ConfigDef.Type.STRING,
            "",
            Importance.MEDIUM,
            "Safetensors file whose weights every run starts from, the head with them where it has"
                + " one; by default each seed draws its own.")
        .define(
            "keep-models",
            ConfigDef.Type.BOOLEAN,
            false,
            Importance.LOW,
            "Whether a run's last model is kept, as teacher.safetensors in its folder.")
        .define(
            "seeds",
            ConfigDef.Type.LIST,
            "1,2,3",
            Importance.HIGH,
            "Seeds; each runs the whole grid.")
        .define(
            "threads",
            ConfigDef.Type.INT,
            1,
            Range.between(1, 1024),
            Importance.LOW,
            "Threads of a run's arithmetic.")
        .define(
            "parallel",
            ConfigDef.Type.INT,
            0,
            Range.between(0, 1024),
            Importance.LOW,
            "Runs at a time; 0 for as many as there are processors for.");
  }

  /**
   * Reads a file.
   *
   * @throws ExperimentException or a SettingsException naming what is wrong
   */
  public static Plan read(Path file) {
    String text;
    Properties properties = new Properties();
    try {
      text = Files.readString(file);
      properties.load(new StringReader(text));
    } catch (IOException | IllegalArgumentException e) {
      throw new ExperimentException(
          file + ": cannot be read as a properties file in UTF-8 (" + e + ")");
    }
    return of(properties, text);
  }

  static Plan of(Properties properties, String text) {
    Map<String, String> own = new HashMap<>();
    Map<String, String> fixed = new LinkedHashMap<>();
    List<Axis> axes = new ArrayList<>();
    List<String> keys = new ArrayList<>(properties.stringPropertyNames());
    keys.sort(Comparator.comparingInt(text::indexOf)); // the order of the file is the report's
    for (String key : keys) {
      String value = properties.getProperty(key).strip();
      if (key.startsWith(GRID)) {
        axes.add(Axis.of(key.substring(GRID.length()), value));
      } else if (definition().names().contains(key)) {
        own.put(key, value);
      } else {
        fixed.put(key, value);
      }
    }
    Settings settings = Settings.load(definition(), null, Map.of(), own);
    List<Arm> arms = Arm.all(axes, fixed);
    arms.forEach(Plan::check);
    int threads = settings.integer("threads");
    int parallel = settings.integer("parallel");
    return new Plan(
        settings.string("name"),
        settings.string("data"),
        settings.integer("data.images"),
        settings.integer("data.source-folder"),
        settings.string("held-out"),
        settings.integer("held-out.images"),
        budget(settings, arms),
        settings.real("evaluate.passes"),
        settings.integer("evaluate.bank"),
        start(settings.string("start")),
        settings.bool("keep-models"),
        seeds(settings),
        threads,
        parallel > 0 ? parallel : Math.max(1, Runtime.getRuntime().availableProcessors() / threads),
        arms,
        text);
  }

  /** Unknown keys and bad values are found before anything runs. */
  private static void check(Arm arm) {
    ConfigDef all = LearnerConfig.definition();
    IndexerConfig.definition().configKeys().values().stream()
        .filter(key -> !all.names().contains(key.name))
        .forEach(all::define);
    all.define(
        ORDER,
        ConfigDef.Type.STRING,
        StreamOrder.AT_ONCE.text(),
        Importance.HIGH,
        "Order of the images.");
    Settings.load(all, null, Map.of(), arm.settings());
    var _ = arm.order();
    var _ = arm.learner(1, 1);
    var _ = arm.indexer();
  }

  private static Budget budget(Settings settings, List<Arm> arms) {
    List<Budget> given = new ArrayList<>();
    if (settings.longValue("steps") > 0) {
      given.add(new Budget.Steps(settings.longValue("steps")));
    }
    if (settings.real("passes") > 0) {
      given.add(new Budget.Passes(settings.real("passes")));
    }
    if (!settings.duration("time").isZero()) {
      given.add(new Budget.Time(settings.duration("time")));
    }
    if (given.size() != 1) {
      throw new ExperimentException(
          "found " + given.size() + " of steps, passes and time; expected one of them, above 0");
    }
    if (given.getFirst() instanceof Budget.Time
        && arms.stream().anyMatch(arm -> arm.order() != StreamOrder.AT_ONCE)) {
      throw new ExperimentException(
          "time: a stream.order other than at-once needs steps or passes, over which its images"
              + " are spread");
    }
    return given.getFirst();
  }

  private static @Nullable Path start(String file) {
    if (file.isEmpty()) {
      return null;
    }
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      throw new ExperimentException(
          "start=" + file + " cannot be read; expected a safetensors file, as keep-models writes");
    }
    return path;
  }

  private static List<Long> seeds(Settings settings) {
    try {
      List<Long> seeds =
          settings.list("seeds").stream().map(String::strip).map(Long::valueOf).toList();
      if (seeds.isEmpty() || seeds.stream().distinct().count() < seeds.size()) {
        throw new ExperimentException("seeds: expected one or more, each once");
      }
      return seeds;
    } catch (NumberFormatException e) {
      throw new ExperimentException("seeds: expected whole numbers separated by commas");
    }
  }
}
