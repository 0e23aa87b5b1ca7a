package stream.adasim.learner.trainer;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import stream.adasim.learner.augment.Normalisation;
import stream.adasim.learner.augment.Views;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.ImageDecoder;
import stream.adasim.learner.decode.RgbImage;
import stream.adasim.learner.objective.LocalViews;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.settings.VoteViews;
import stream.adasim.learner.window.WindowImage;

/**
 * Decodes and augments batches on threads of its own, so that a step does not wait for them. The
 * result depends on the pairs alone, not on the number of threads.
 */
final class BatchBuilder implements AutoCloseable {
  private final ExecutorService threads;
  private final List<Worker> workers = new ArrayList<>();
  private final int size;
  private final VoteViews votes;
  private final double queryArea;
  private final LocalViews local;

  BatchBuilder(int threadCount, LearnerConfig config) {
    size = config.architecture().imageSize();
    votes = config.training().votes();
    queryArea = config.training().queryArea();
    local = config.training().localViews();
    threads =
        Executors.newFixedThreadPool(
            threadCount, Thread.ofPlatform().name("adasim-augment-", 0).daemon().factory());
    ImageDecoder decoder = new ImageDecoder(config.decodeLimits());
    for (int i = 0; i < threadCount; i++) {
      workers.add(
          new Worker(
              decoder,
              new Views(size, Normalisation.IMAGENET),
              new Views(local.side(), Normalisation.IMAGENET)));
    }
  }

  /** Starts on a batch; one at a time. */
  CompletableFuture<Batch> build(List<Pair> pairs) {
    int length = pairs.size() * 3 * size * size;
    float[] first = new float[length];
    float[] second = new float[length];
    float[] stored = votes == VoteViews.FAITHFUL ? first : new float[length];
    float[] query = votes == VoteViews.WEAK ? new float[length] : stored;
    float[] locals = new float[local.count() * pairs.size() * 3 * local.side() * local.side()];
    Batch batch = new Batch(pairs, first, second, locals, stored, query, new AtomicInteger());
    CompletableFuture<?>[] shares = new CompletableFuture<?>[workers.size()];
    for (int w = 0; w < shares.length; w++) {
      int start = w;
      shares[w] =
          CompletableFuture.runAsync(
              () -> workers.get(start).fill(batch, start, workers.size()), threads);
    }
    return CompletableFuture.allOf(shares).thenApply(done -> batch);
  }

  @Override
  public void close() {
    threads.close();
  }

  /** One thread's decoder and scratch memory. */
  private final class Worker {
    private final ImageDecoder decoder;
    private final Views views;
    private final Views localViews;

    Worker(ImageDecoder decoder, Views views, Views localViews) {
      this.decoder = decoder;
      this.views = views;
      this.localViews = localViews;
    }

    void fill(Batch batch, int start, int stride) {
      for (int i = start; i < batch.pairs().size(); i += stride) {
        Pair pair = batch.pairs().get(i);
        int offset = i * 3 * size * size;
        // Each view draws from a generator of its own: what one consumes moves no other.
        SplittableRandom random = new SplittableRandom(pair.seed());
        RgbImage image = pixels(pair.image(), batch);
        views.first(image, random.split(), batch.first(), offset);
        WindowImage partner = pair.choice().partner();
        RgbImage other = pair.choice().bootstrapped() ? pixels(partner, batch) : image;
        views.second(other, random.split(), batch.second(), offset);
        if (votes != VoteViews.FAITHFUL) {
          views.clean(image, batch.stored(), offset);
        }
        if (votes == VoteViews.WEAK) {
          views.weak(image, queryArea, random.split(), batch.query(), offset);
        }
        for (int view = 0; view < local.count(); view++) {
          int place = (view * batch.pairs().size() + i) * localViews.length();
          localViews.local(image, random.split(), batch.local(), place);
        }
      }
    }

    private RgbImage pixels(WindowImage image, Batch batch) {
      RgbImage kept = image.pixels();
      if (kept != null) {
        return kept;
      }
      batch.decodings().incrementAndGet();
      return switch (decoder.decode(ByteBuffer.wrap(image.bytes()), size)) {
        case Decoding.Decoded(var pixels) -> pixels;
        case Decoding.Rejected(var reason) ->
            throw new IllegalStateException(
                "image " + image.id() + " was decodable when it entered the window: " + reason);
      };
    }
  }
}
