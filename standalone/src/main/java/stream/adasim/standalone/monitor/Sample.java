package stream.adasim.standalone.monitor;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.schemas.wire.Vectors;

/**
 * A bounded sample of labelled embeddings: those whose ids have the lowest fingerprints. Which ids
 * these are depends on the ids alone, not on the order in which they come. Not thread-safe.
 */
final class Sample {
  static final int NEIGHBOURS = 20;
  static final double TEMPERATURE = 0.07;

  /** Newer vectors are looked at where there are one in so many of those of the largest version. */
  private static final int ENOUGH = 4;

  private record Version(String modelId, long number) {}

  private record Entry(List<Float> vector, String label, Version version) {}

  private final int limit;
  private final TreeMap<Long, Entry> entries = new TreeMap<>(Long::compareUnsigned);
  private boolean changed;

  Sample(int limit) {
    this.limit = limit;
  }

  /** Whether an id belongs to the sample as it is now, or is part of it already. */
  boolean wants(long fingerprint) {
    return entries.size() < limit || Long.compareUnsigned(fingerprint, entries.lastKey()) <= 0;
  }

  /** Puts or replaces one id's vector. */
  void put(long fingerprint, List<Float> vector, String label, String modelId, long modelVersion) {
    Version version = new Version(modelId, modelVersion);
    entries.put(fingerprint, new Entry(vector, label, version));
    // One that falls out at once was never part of the sample: nothing changed then.
    changed |= entries.size() <= limit || entries.pollLastEntry().getKey() != fingerprint;
  }

  void remove(long fingerprint) {
    changed |= entries.remove(fingerprint) != null;
  }

  /** Whether anything was put or removed since the last measurement. */
  boolean changed() {
    return changed;
  }

  /**
   * Leave-one-out accuracy of the vectors of one version, as those of different ones are never
   * compared: of the model that has most of them, the newest that has a quarter as many as its
   * largest. None where fewer than two are left.
   */
  @Nullable Accuracy measure(Kernels kernels) {
    changed = false;
    Map<Version, Integer> sizes = new HashMap<>();
    entries.values().forEach(entry -> sizes.merge(entry.version(), 1, Integer::sum));
    Version version = newestOfMany(sizes);
    if (version == null || sizes.getOrDefault(version, 0) < 2) {
      return null;
    }
    List<Entry> chosen =
        entries.values().stream().filter(entry -> entry.version().equals(version)).toList();
    double value = accuracy(kernels, chosen);
    return new Accuracy(value, chosen.size(), version.modelId(), version.number());
  }

  private static @Nullable Version newestOfMany(Map<Version, Integer> sizes) {
    Map.Entry<Version, Integer> largest =
        sizes.entrySet().stream()
            .max(
                Map.Entry.<Version, Integer>comparingByValue()
                    .thenComparingLong(size -> size.getKey().number())
                    .thenComparing(size -> size.getKey().modelId()))
            .orElse(null);
    if (largest == null) {
      return null;
    }
    return sizes.entrySet().stream()
        .filter(size -> size.getKey().modelId().equals(largest.getKey().modelId()))
        .filter(size -> size.getValue() * ENOUGH >= largest.getValue())
        .map(Map.Entry::getKey)
        .max(Comparator.comparingLong(Version::number))
        .orElse(largest.getKey());
  }

  private static double accuracy(Kernels kernels, List<Entry> chosen) {
    int dim = chosen.getFirst().vector().size();
    float[] vectors = new float[chosen.size() * dim];
    int[] labels = new int[chosen.size()];
    List<String> classes =
        chosen.stream().map(Entry::label).distinct().sorted(Comparator.naturalOrder()).toList();
    Map<String, Integer> numbers = new HashMap<>();
    classes.forEach(label -> numbers.put(label, numbers.size()));
    for (int i = 0; i < labels.length; i++) {
      System.arraycopy(Vectors.toArray(chosen.get(i).vector()), 0, vectors, i * dim, dim);
      labels[i] = numbers.getOrDefault(chosen.get(i).label(), 0);
    }
    return Knn.leaveOneOut(kernels, vectors, dim, labels, NEIGHBOURS, TEMPERATURE);
  }
}
