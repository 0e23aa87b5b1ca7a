package stream.adasim.learner.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.checkpoint.FolderTakenException;
import stream.adasim.learner.device.DeviceTurn;
import stream.adasim.learner.monitoring.LearnerMetrics;
import stream.adasim.learner.settings.LearnerConfig;

/** Stands by for the training lease and trains while it holds it. Runs on one thread. */
public final class Trainer {
  private static final Logger log = LoggerFactory.getLogger(Trainer.class);

  /** Time in which a member of the group learns that it is none any more. */
  private static final Duration LEASE_CHECK = Duration.ofSeconds(5);

  private final LearnerConfig config;
  private final Kernels kernels;
  private final DeviceTurn turn;
  private final InstantSource clock;
  private final LearnerMetrics metrics;

  public Trainer(
      LearnerConfig config,
      Kernels kernels,
      DeviceTurn turn,
      InstantSource clock,
      LearnerMetrics metrics) {
    this.config = config;
    this.kernels = kernels;
    this.turn = turn;
    this.clock = clock;
    this.metrics = metrics;
  }

  /** Trains until told to stop; whatever it throws is the world's fault. */
  public void run(BooleanSupplier stopped) {
    try (TrainingLease lease = new TrainingLease(config.connection())) {
      log.info("event=trainer.standby for=training-lease");
      while (!stopped.getAsBoolean()) {
        if (lease.held(Duration.ofMillis(100))) {
          log.info("event=trainer.active");
          train(lease, () -> !stopped.getAsBoolean() && lease.held(Duration.ZERO));
        }
      }
    }
  }

  private void train(TrainingLease lease, BooleanSupplier active) {
    metrics.trainingBegan();
    try (TrainerSession session = new TrainerSession(config, kernels, turn, clock, metrics)) {
      session.train(active);
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      log.warn("event=trainer.fenced: another trainer has taken over; standing by", e);
    } catch (UncheckedIOException e) {
      // A trainer that was suspended learns from the folder too that it was replaced. One that
      // still has the lease was not: somebody else writes there.
      if (!(e.getCause() instanceof FolderTakenException) || lease.held(LEASE_CHECK)) {
        throw e;
      }
      log.warn("event=trainer.fenced: another trainer has taken over; standing by", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "checkpoints in " + config.saving().folder() + " cannot be used: " + e.getMessage(), e);
    } finally {
      metrics.trainingEnded();
    }
  }
}
