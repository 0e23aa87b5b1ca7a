package stream.adasim.learner.trainer;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.health.Health;

/**
 * The newest checkpoint that was written while training was healthy, kept from deletion. A collapse
 * begins before it is noticed, so that a checkpoint counts only once the mini-epoch in which it was
 * written has ended without an alarm. Known to this process alone, which begins with the one that
 * it goes on from. Not thread-safe.
 */
final class HealthyCheckpoint {
  private final CheckpointStore checkpoints;
  private @Nullable Path candidate;
  private int candidateSince;
  private @Nullable Path healthy;

  HealthyCheckpoint(CheckpointStore checkpoints) {
    this.checkpoints = checkpoints;
  }

  /** Remembers a checkpoint that is as training is now, in place of one that is in question. */
  void written(Path file, Health health) {
    if (health.healthy()) {
      candidate = file;
      candidateSince = health.miniEpochs();
    }
  }

  /** Decides on the checkpoint in question once a mini-epoch is over. */
  void follow(Health health) {
    if (candidate == null || health.miniEpochs() == candidateSince) {
      return;
    }
    if (health.healthy()) {
      healthy = candidate;
      checkpoints.hold(healthy);
    }
    candidate = null;
  }

  /** Opens it, once: a collapse that comes back from there would come back again. */
  Optional<Loaded> take(Consumer<String> refused) throws IOException {
    Path file = healthy;
    healthy = null;
    checkpoints.hold(null);
    return file == null ? Optional.empty() : checkpoints.open(file, refused);
  }
}
