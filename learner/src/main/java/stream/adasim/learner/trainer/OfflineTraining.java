package stream.adasim.learner.trainer;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.decode.Fingerprint;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.window.PutResult;
import stream.adasim.learner.window.WindowImage;

/**
 * The trainer for whoever embeds it, without Kafka: the same window, partner choice and training,
 * one step at a time. The same calls give the same weights bit for bit, on one machine at one
 * number of arithmetic threads; the number of augmenting threads doesn't matter. Not thread-safe.
 */
public final class OfflineTraining implements AutoCloseable {
  private final Training training;
  private final BatchBuilder builder;

  /** What the training holds, kept to be saved: the stream would read it from its topic again. */
  private final Map<String, Neighbourhood> neighbourhoods = new LinkedHashMap<>();

  private long arrivals;

  /**
   * A freshly initialised network and an empty window.
   *
   * @param kernels the caller's to close
   * @param modelId name of the model that this training makes
   * @param augmentThreads threads that make views while the caller waits, at least 1
   */
  public OfflineTraining(
      LearnerConfig config, Kernels kernels, String modelId, int augmentThreads) {
    training = new Training(config, kernels, modelId);
    builder = new BatchBuilder(augmentThreads, config);
  }

  /** Starts from other weights than the seed's, for teacher and student; before the first step. */
  public void startFrom(float[] weights) {
    training.startFrom(weights);
  }

  /** Takes an image in, as an arrival of the stream. */
  public PutResult put(OfflineImage image) {
    PutResult result =
        training
            .window()
            .put(
                image.id(),
                image.bytes(),
                Fingerprint.of(ByteBuffer.wrap(image.bytes())),
                0,
                arrivals++,
                image.source(),
                image.label(),
                image.capturedAt().toEpochMilli(),
                image.pixels());
    if (result == PutResult.ADDED) {
      // What was known of an earlier stay went when the image left.
      neighbourhoods.remove(image.id());
    }
    return result;
  }

  /** Takes what the memory published; null where an image had to leave it. */
  public void neighbourhood(String id, @Nullable Neighbourhood neighbourhood) {
    training.neighbourhood(id, neighbourhood);
    if (neighbourhood == null || training.window().get(id) == null) {
      neighbourhoods.remove(id);
    } else {
      neighbourhoods.put(id, neighbourhood);
    }
  }

  /** The image as the window holds it, or null. */
  public @Nullable WindowImage image(String id) {
    return training.window().get(id);
  }

  /** The newest neighbourhood of an image in the window, or null. */
  public @Nullable Neighbourhood neighbourhoodOf(String id) {
    return training.window().get(id) == null ? null : neighbourhoods.get(id);
  }

  /** Whether the window holds enough images for a batch. */
  public boolean ready() {
    return training.ready();
  }

  /** Optimiser steps so far. */
  public long step() {
    return training.step();
  }

  public String modelId() {
    return training.modelId();
  }

  /** Mean visits so far per image of the window. */
  public double passes() {
    return training.window().passes();
  }

  /** ln K, the largest value that entropies of the projection head's output can take. */
  public double maxEntropy() {
    return training.maxEntropy();
  }

  /**
   * Plans, augments and trains one batch.
   *
   * @throws IllegalStateException if the loss is not finite
   */
  public OfflineStep train() {
    List<Pair> pairs = training.plan();
    Outcome outcome = training.run(builder.build(pairs).join());
    List<OfflineStep.OfflineVisit> visits = new ArrayList<>(pairs.size());
    for (int i = 0; i < pairs.size(); i++) {
      Visit visit = outcome.visits().get(i);
      visits.add(
          new OfflineStep.OfflineVisit(
              visit.image(),
              training.visitNumber(visit.image()),
              pairs.get(i).choice(),
              visit.vector(),
              visit.query()));
    }
    return new OfflineStep(
        training.step(),
        outcome.result().loss(),
        outcome.result().teacherEntropy(),
        outcome.result().batchEntropy(),
        visits);
  }

  /** The teacher's weights, flat, in the order of the architecture's parameter layout. */
  public float[] teacher() {
    return training.snapshot(0).weights();
  }

  /** Writes everything but the pixels. */
  public void save(DataOutput out) throws IOException {
    out.writeLong(arrivals);
    training.save(out);
    List<Map.Entry<String, Neighbourhood>> held =
        neighbourhoods.entrySet().stream()
            .filter(entry -> training.window().get(entry.getKey()) != null)
            .toList();
    out.writeInt(held.size());
    for (Map.Entry<String, Neighbourhood> entry : held) {
      ByteBuffer bytes = entry.getValue().toByteBuffer();
      byte[] content = new byte[bytes.remaining()];
      bytes.get(content);
      out.writeUTF(entry.getKey());
      out.writeInt(content.length);
      out.write(content);
    }
  }

  /**
   * Reads what {@link #save} wrote into this, which must be new, and goes on as if it were that.
   *
   * @param images at least those that the saved window held
   * @throws IOException if it can't be read, or images of the window are missing
   */
  public void restore(DataInput in, Iterable<OfflineImage> images) throws IOException {
    long saved = in.readLong();
    training.restore(in);
    images.forEach(this::put);
    int lost = training.window().finishRefill();
    if (lost > 0) {
      throw new IOException(
          lost
              + " images of the saved window are not there any more or have other content: put the"
              + " data back as it was, or start afresh");
    }
    arrivals = saved;
    for (int i = in.readInt(); i > 0; i--) {
      String id = in.readUTF();
      byte[] content = new byte[in.readInt()];
      in.readFully(content);
      neighbourhood(id, Neighbourhood.fromByteBuffer(ByteBuffer.wrap(content)));
    }
  }

  @Override
  public void close() {
    builder.close();
    training.close();
  }
}
