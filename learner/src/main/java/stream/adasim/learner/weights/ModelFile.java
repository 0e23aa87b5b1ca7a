package stream.adasim.learner.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.safetensors.SafetensorsFile;

/** A model out of a safetensors file that says of itself what it is, as exports of ours do. */
public final class ModelFile {
  private ModelFile() {}

  /**
   * Reads a model, its projection head with it where the file has one.
   *
   * @param otherwise the network that a file is for which doesn't say; may throw
   * @param seed of what the file doesn't hold
   * @throws stream.adasim.learner.safetensors.SafetensorsException if the file is damaged
   * @throws WeightsException naming the tensor that is missing, has another shape, or would be lost
   */
  public static Model read(Path path, Supplier<Architecture> otherwise, long seed)
      throws IOException {
    Map<String, String> told = new TreeMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      file.metadata()
          .forEach(
              (key, value) -> {
                if (key.startsWith(Model.OURS)) {
                  told.put(key.substring(Model.OURS.length()), value);
                }
              });
    }
    Architecture architecture = told.containsKey("kind") ? Architecture.of(told) : otherwise.get();
    return new Model(
        architecture,
        told.getOrDefault("modelId", path.toString()),
        Long.parseLong(told.getOrDefault("version", "0")),
        Long.parseLong(told.getOrDefault("step", "0")),
        WeightsImport.read(path, architecture, true, seed).weights(),
        null);
  }
}
