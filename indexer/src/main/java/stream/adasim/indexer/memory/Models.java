package stream.adasim.indexer.memory;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Names and newest versions of the models whose vectors were written since the start: the memory
 * itself keeps hashes. Thread-safe.
 */
public final class Models {
  private final Map<Long, Version> newest = new ConcurrentHashMap<>();

  /** A model and the newest version of it that was seen. */
  public record Version(String modelId, long modelVersion) {}

  public void saw(String modelId, long modelVersion) {
    newest.merge(
        Model.hash(modelId),
        new Version(modelId, modelVersion),
        (before, now) -> now.modelVersion() > before.modelVersion() ? now : before);
  }

  public Optional<Version> newest(long model) {
    return Optional.ofNullable(newest.get(model));
  }
}
