package stream.adasim.standalone.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A run's files: {@code run.properties}, {@code curve.jsonl} with a measurement a line, {@code
 * checkpoints} until it has ended, {@code result.json} from then on. The name holds a digest of all
 * that the result depends on, so that a run is never taken for another one's.
 */
final class RunFolder {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final JsonMapper INDENTED =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;

  private RunFolder(Path folder) {
    this.folder = folder;
  }

  /**
   * The folder of a run, made where it is missing.
   *
   * @param identity all that the result depends on
   */
  static RunFolder of(Path runs, Arm arm, long seed, Map<String, String> identity)
      throws IOException {
    StringBuilder text = new StringBuilder();
    new TreeMap<>(identity)
        .forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    String slug = arm.name().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
    String name =
        "%s-s%d-%s"
            .formatted(
                slug.substring(0, Math.min(60, slug.length())), seed, digest(text.toString()));
    Path folder = Files.createDirectories(runs.resolve(name));
    Files.writeString(folder.resolve("run.properties"), text);
    return new RunFolder(folder);
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 5);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  /** Where a model goes that is to be kept. */
  Path model() {
    return folder.resolve("teacher.safetensors");
  }

  /** The result, if the run has ended. */
  Optional<Outcome> result() throws IOException {
    Path file = folder.resolve("result.json");
    return Files.exists(file)
        ? Optional.of(INDENTED.readValue(file.toFile(), Outcome.class))
        : Optional.empty();
  }

  /** Writes the result whole or not at all, and clears the checkpoints away. */
  void finish(Outcome outcome) throws IOException {
    replace("result.json", INDENTED.writeValueAsString(outcome) + "\n");
    if (Files.isDirectory(checkpoints())) {
      try (Stream<Path> files = Files.list(checkpoints())) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(checkpoints());
    }
  }

  /** Writes the curve so far. */
  void curve(List<Point> points) throws IOException {
    replace("curve.jsonl", lines(points));
  }

  private void replace(String name, String text) throws IOException {
    Path aside = folder.resolve(name + ".part");
    Files.writeString(aside, text);
    Files.move(
        aside,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  static String lines(List<Point> points) {
    StringBuilder lines = new StringBuilder();
    for (Point point : points) {
      try {
        lines.append(JSON.writeValueAsString(point)).append('\n');
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a point of numbers is always JSON", e);
      }
    }
    return lines.toString();
  }

  static List<Point> points(String lines) throws IOException {
    List<Point> points = new ArrayList<>();
    for (String line : lines.lines().toList()) {
      points.add(JSON.readValue(line, Point.class));
    }
    return points;
  }
}
