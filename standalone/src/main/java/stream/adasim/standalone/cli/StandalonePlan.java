package stream.adasim.standalone.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.settings.Durations;

/**
 * What one run of standalone is asked to do, checked.
 *
 * @param duration empty: until a signal
 */
record StandalonePlan(
    List<Path> images,
    OptionalInt synthetic,
    Path data,
    int kafkaPort,
    int registryPort,
    Optional<Duration> duration,
    long seed,
    Optional<Path> summary) {
  private static final int DEFAULT_SYNTHETIC = 4000;

  /**
   * Checks what the command line says before anything is started.
   *
   * @throws UsageException naming the first thing that can't be had
   */
  static StandalonePlan of(
      List<Path> images,
      @Nullable Integer synthetic,
      Path data,
      int kafkaPort,
      int registryPort,
      @Nullable String duration,
      long seed,
      @Nullable Path summary) {
    for (Path path : images) {
      if (!Files.isReadable(path)) {
        throw new UsageException("--images " + path + ": there is no such file or folder to read");
      }
    }
    if (synthetic != null && synthetic < 1) {
      throw new UsageException("--synthetic " + synthetic + " must be 1 or more");
    }
    port("--kafka-port", kafkaPort);
    port("--registry-port", registryPort);
    if (kafkaPort != 0 && kafkaPort == registryPort) {
      throw new UsageException(
          "--kafka-port and --registry-port are both " + kafkaPort + "; give them different ports");
    }
    if (summary != null) {
      Path folder = summary.toAbsolutePath().getParent();
      if (folder == null || !Files.isWritable(folder) || Files.isDirectory(summary)) {
        throw new UsageException("--summary " + summary + ": the file cannot be written there");
      }
    }
    OptionalInt generated;
    if (synthetic != null) {
      generated = OptionalInt.of(synthetic);
    } else {
      generated = images.isEmpty() ? OptionalInt.of(DEFAULT_SYNTHETIC) : OptionalInt.empty();
    }
    return new StandalonePlan(
        List.copyOf(images),
        generated,
        data.toAbsolutePath().normalize(),
        kafkaPort,
        registryPort,
        Optional.ofNullable(duration).map(StandalonePlan::duration),
        seed,
        Optional.ofNullable(summary));
  }

  private static void port(String option, int port) {
    if (port < 0 || port > 65535) {
      throw new UsageException(option + " " + port + " must be within 0..65535");
    }
  }

  private static Duration duration(String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--duration " + text + " must be a time such as 90s, 3m or 2h");
    }
  }
}
