package stream.adasim.standalone.experiment;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.indexer.OfflineMemory;
import stream.adasim.indexer.OfflineMemory.Published;
import stream.adasim.indexer.OfflineMemory.Visited;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.trainer.OfflineImage;
import stream.adasim.learner.trainer.OfflineStep;
import stream.adasim.learner.trainer.OfflineStep.OfflineVisit;
import stream.adasim.learner.trainer.OfflineTraining;

/**
 * Trainer and neighbour memory wired directly: what a step visits is in the memory, and what the
 * memory answers is with the trainer, before the next step is planned. Reproducible bit for bit
 * from the seed. Not thread-safe.
 */
public final class OfflineLoop implements AutoCloseable {
  private static final String MODEL = "experiment";

  private final OfflineTraining training;
  private final OfflineMemory memory;

  /**
   * @param kernels of both parts; the caller's to close
   * @param augmentThreads threads that make views, at least 1
   */
  public OfflineLoop(
      LearnerConfig learner, IndexerConfig indexer, Kernels kernels, int augmentThreads) {
    training = new OfflineTraining(learner, kernels, MODEL, augmentThreads);
    memory = new OfflineMemory(indexer, kernels);
  }

  /** Trains one batch; the window must be {@linkplain OfflineTraining#ready() ready}. */
  public OfflineStep step() {
    return step(trained -> {});
  }

  /**
   * The same.
   *
   * @param watcher is shown the step while neighbourhoods are those that its partners came from
   */
  public OfflineStep step(Consumer<OfflineStep> watcher) {
    OfflineStep step = training.train();
    watcher.accept(step);
    List<Visited> visits = step.visits().stream().map(visit -> visited(visit, step)).toList();
    for (Published published : memory.visits(visits)) {
      training.neighbourhood(published.id(), published.neighbourhood());
    }
    return step;
  }

  private static Visited visited(OfflineVisit visit, OfflineStep step) {
    return new Visited(
        visit.image().id(),
        visit.image().fingerprint(),
        visit.number(),
        step.step(),
        MODEL,
        visit.image().source(),
        visit.image().label(),
        Instant.ofEpochMilli(visit.image().capturedAt()),
        visit.vector(),
        visit.query());
  }

  public OfflineTraining training() {
    return training;
  }

  /** Writes everything but the pixels. */
  public void save(DataOutput out) throws IOException {
    training.save(out);
    memory.save(out);
  }

  /**
   * Reads what {@link #save} wrote into this, which must be new, and goes on as if it were that.
   *
   * @param images at least those that the saved window held
   */
  public void restore(DataInput in, Iterable<OfflineImage> images) throws IOException {
    training.restore(in, images);
    memory.restore(in);
  }

  @Override
  public void close() {
    training.close();
  }
}
