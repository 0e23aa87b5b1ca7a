package stream.adasim.standalone.monitor;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.compute.Kernels;

/** What was read from the topics so far. Not thread-safe. */
final class Tally {
  private final Instant start;
  private final MessageDigest digest = sha256();
  private final Ids images = new Ids();
  private final Ids embeddings = new Ids();
  private final Sample current;
  private final Sample untrained;
  private final Arrivals arrivals;
  private long imageRecords;
  private long deadLetters;
  private @Nullable TrainingProgress firstProgress;
  private @Nullable TrainingProgress progress;
  private @Nullable Duration firstEmbedding;
  private @Nullable Accuracy currentAccuracy;
  private @Nullable Accuracy untrainedAccuracy;

  /**
   * Starts from nothing.
   *
   * @param sampleLimit how many labelled embeddings are kept to be compared
   */
  Tally(Instant start, int sampleLimit) {
    this.start = start;
    this.arrivals = new Arrivals(start);
    this.current = new Sample(sampleLimit);
    this.untrained = new Sample(sampleLimit);
  }

  /** A record of {@code images}; one without a key counts as a record only. */
  void image(byte @Nullable [] id, boolean live) {
    imageRecords++;
    if (id != null) {
      images.put(fingerprint(id), live);
    }
  }

  void deadLetter() {
    deadLetters++;
  }

  /** Whether the value of this record has to be decoded for {@link #embedding}. */
  boolean wants(byte[] id) {
    long fingerprint = fingerprint(id);
    return current.wants(fingerprint) || untrained.wants(fingerprint);
  }

  /** An embedding that need not be decoded. */
  void embedding(byte[] id, Instant now) {
    embeddings.put(fingerprint(id), true);
    seenEmbedding(now);
  }

  /** The current embedding of one image; none: it was deleted. */
  void embedding(byte[] id, @Nullable Embedding embedding, Instant now) {
    long fingerprint = fingerprint(id);
    embeddings.put(fingerprint, embedding != null);
    if (embedding == null) {
      current.remove(fingerprint);
      untrained.remove(fingerprint);
      return;
    }
    seenEmbedding(now);
    String label = embedding.getLabel();
    if (label == null) {
      current.remove(fingerprint);
      return;
    }
    List<Float> vector = embedding.getVector();
    String model = embedding.getModelId();
    long version = embedding.getModelVersion();
    current.put(fingerprint, vector, label, model, version);
    if (version == 0) {
      untrained.put(fingerprint, vector, label, model, version);
    }
  }

  void progress(TrainingProgress newest) {
    if (firstProgress == null) {
      firstProgress = newest;
    }
    progress = newest;
  }

  /** Measures accuracies again where the vectors changed; costs some tens of milliseconds. */
  void measure(Kernels kernels) {
    if (untrained.changed()) {
      untrainedAccuracy = untrained.measure(kernels);
    }
    if (current.changed()) {
      currentAccuracy = current.measure(kernels);
    }
  }

  Status status(Instant now) {
    return new Status(
        Duration.between(start, now),
        images.live(),
        imageRecords,
        embeddings.live(),
        deadLetters,
        images.deleted(),
        arrivals.perSecond(now, imageRecords),
        firstProgress,
        progress,
        untrainedAccuracy,
        currentAccuracy,
        firstEmbedding);
  }

  private void seenEmbedding(Instant now) {
    if (firstEmbedding == null) {
      firstEmbedding = Duration.between(start, now);
    }
  }

  private long fingerprint(byte[] id) {
    return ByteBuffer.wrap(digest.digest(id)).getLong();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
