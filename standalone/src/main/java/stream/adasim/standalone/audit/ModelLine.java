package stream.adasim.standalone.audit;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.ModelManifest;
import stream.adasim.avro.ModelPart;

/**
 * The versions of a model form one line: they grow, no version is published twice with different
 * weights, and a model that was replaced does not go on. Takes {@code models} in its order. Not
 * thread-safe.
 */
final class ModelLine {
  /**
   * What the topic holds.
   *
   * @param models distinct model ids
   * @param snapshots manifests
   * @param newest version of the newest manifest; -1 where there is none
   */
  record Outcome(int models, long snapshots, long newest, Faults faults) {}

  private final Map<String, Long> versions = new HashMap<>();
  private final Map<String, String> checksums = new HashMap<>();
  private final Faults faults = new Faults();
  private @Nullable String model;
  private long snapshots;
  private long newest = -1;

  void part(ModelPart part) {
    String id = part.getModelId();
    long version = part.getVersion();
    Long before = versions.get(id);
    if (before != null && !id.equals(model)) {
      faults.add("%s version %d after %s had begun".formatted(id, version, model));
    } else if (before != null && version < before) {
      faults.add("%s went back from version %d to %d".formatted(id, before, version));
    }
    model = id;
    versions.merge(id, version, Math::max);
    ModelManifest manifest = part.getManifest();
    if (manifest != null) {
      manifest(id, version, manifest);
    }
  }

  private void manifest(String id, long version, ModelManifest manifest) {
    snapshots++;
    newest = version;
    String known = checksums.putIfAbsent(id + "/" + version, manifest.getSha256());
    if (known != null && !known.equals(manifest.getSha256())) {
      faults.add(
          "%s version %d forks: SHA-256 %s and %s"
              .formatted(id, version, known, manifest.getSha256()));
    }
  }

  Outcome outcome() {
    return new Outcome(versions.size(), snapshots, newest, faults);
  }
}
