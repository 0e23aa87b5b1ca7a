package stream.adasim.learner.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;
import stream.adasim.learner.network.ResNetActivations.Block;
import stream.adasim.learner.network.ResNetActivations.Unit;
import stream.adasim.learner.network.ResNetGradients.BlockGradients;
import stream.adasim.learner.network.ResNetGradients.UnitGradients;
import stream.adasim.learner.network.ResNetShape.Convolution;
import stream.adasim.learner.network.ResNetShape.Residual;

/**
 * The residual network of He et al. (2016), with torchvision's epsilon, momentum and place of the
 * stride; the feature is the mean over all positions.
 *
 * <p>Batch norm takes the statistics of the images of one call. Those of several workers can be
 * synchronised where this class calls its kernels, and nowhere else: forward, the workers' means
 * and variances are combined before {@code batchNormInference} normalises by them; backward, the
 * two sums per channel that are dgamma and dbeta are, before dx follows from them.
 */
final class ResNet implements Backbone {
  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.1f;

  private final Kernels kernels;
  private final Convolution first;
  private final List<Residual> residuals;
  private final int maxBatch;
  private final Buffers whole;
  private final Map<Integer, Buffers> parts = new HashMap<>();
  private @Nullable Tensor lastImages;

  private record Buffers(ResNetActivations forward, @Nullable ResNetGradients backward) {}

  private ResNet(Kernels kernels, ResNetShape shape, int maxBatch, boolean training) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch=" + maxBatch + " must be 1 or more");
    }
    this.kernels = kernels;
    this.first = shape.first();
    this.residuals = shape.blocks();
    this.maxBatch = maxBatch;
    this.whole =
        new Buffers(
            training
                ? ResNetActivations.forTraining(kernels, shape, maxBatch)
                : ResNetActivations.forInference(kernels, shape, maxBatch),
            training ? ResNetGradients.allocate(kernels, shape, maxBatch) : null);
  }

  static ResNet forTraining(Kernels kernels, ResNetShape shape, int maxBatch) {
    return new ResNet(kernels, shape, maxBatch, true);
  }

  static ResNet forInference(Kernels kernels, ResNetShape shape, int maxBatch) {
    return new ResNet(kernels, shape, maxBatch, false);
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public Tensor forward(Parameters weights, Tensor images, int batch, Pass pass) {
    ResNetActivations a = buffers(batch).forward;
    ResNetWeights w = weights.resNet();
    lastImages = images;

    Tensor x = unit(w.stem(), first, images, a.stem(), pass); // (b, C, H, W)
    kernels.relu(x, x);
    if (a.pooled() != null) {
      kernels.maxPool(x, 3, 2, 1, a.pooled());
      x = a.pooled();
    }
    for (int i = 0; i < residuals.size(); i++) {
      x = block(w.blocks().get(i), residuals.get(i), x, a.blocks().get(i), pass);
    }
    kernels.globalAveragePool(x, a.features());
    return a.features(); // (b, D)
  }

  /** relu(path(x) + shortcut(x)). */
  private Tensor block(ResNetWeights.Block w, Residual residual, Tensor x, Block a, Pass pass) {
    Tensor y = chain(w.path(), residual.path(), x, a.path(), pass);
    Tensor beside = chain(w.shortcut(), residual.shortcut(), x, a.shortcut(), pass);
    kernels.axpy(1, beside, y);
    kernels.relu(y, y);
    return y;
  }

  /** Units with a relu between them; x itself where there are none. */
  private Tensor chain(
      List<ResNetWeights.Unit> w, List<Convolution> c, Tensor x, List<Unit> a, Pass pass) {
    Tensor y = x;
    for (int i = 0; i < c.size(); i++) {
      if (i > 0) {
        kernels.relu(y, y);
      }
      y = unit(w.get(i), c.get(i), y, a.get(i), pass);
    }
    return y;
  }

  /** A convolution and its batch norm. */
  private Tensor unit(ResNetWeights.Unit w, Convolution c, Tensor x, Unit a, Pass pass) {
    kernels.convolution(x, w.weight(), c.stride(), c.padding(), a.convolved());
    switch (pass) {
      case Pass.Embed _ ->
          kernels.batchNormInference(
              a.convolved(),
              w.gamma(),
              w.beta(),
              w.runningMean(),
              w.runningVariance(),
              EPSILON,
              a.normed());
      case Pass.Teach _, Pass.Learn _ ->
          kernels.batchNorm(
              a.convolved(),
              w.gamma(),
              w.beta(),
              EPSILON,
              MOMENTUM,
              w.runningMean(),
              w.runningVariance(),
              a.normed(),
              a.mean(),
              a.rstd());
    }
    return a.normed();
  }

  @Override
  public void backward(Parameters weights, Tensor dFeatures, Parameters gradients, int batch) {
    ResNetGradients d = buffers(batch).backward;
    if (d == null || lastImages == null) {
      throw new IllegalStateException(
          d == null
              ? "a network made for inference has no backward"
              : "a backward goes with the forward just before it; there was none");
    }
    ResNetActivations a = buffers(batch).forward;
    ResNetWeights w = weights.resNet();
    ResNetWeights g = gradients.resNet();

    kernels.globalAveragePoolBackward(dFeatures, d.blocks().getLast().output());
    for (int i = residuals.size() - 1; i >= 0; i--) {
      Tensor x = i > 0 ? a.blocks().get(i - 1).output() : a.stemOutput();
      blockBackward(
          w.blocks().get(i),
          residuals.get(i),
          x,
          a.blocks().get(i),
          d.blocks().get(i),
          g.blocks().get(i));
    }
    Tensor dx = d.blocks().getFirst().input(); // of the stem's output
    if (a.pooled() != null) {
      kernels.maxPoolBackward(a.stem().normed(), dx, 3, 2, 1, d.stemNormed());
      dx = d.stemNormed();
    }
    kernels.reluBackward(a.stem().normed(), dx, dx);
    normBackward(w.stem(), a.stem(), dx, d.stemConvolved(), g.stem());
    kernels.convolutionBackwardWeight(
        lastImages, d.stemConvolved(), first.stride(), first.padding(), g.stem().weight());
  }

  /** d's output comes in as the output's gradient; d's input leaves as x's. */
  private void blockBackward(
      ResNetWeights.Block w,
      Residual residual,
      Tensor x,
      Block a,
      BlockGradients d,
      ResNetWeights.Block g) {
    Tensor dy = d.output();
    kernels.reluBackward(a.output(), dy, dy);
    // The shortcut comes second: its gradients overwrite dy.
    chainBackward(w.path(), residual.path(), x, a.path(), dy, d.path(), g.path());
    Tensor beside =
        chainBackward(
            w.shortcut(), residual.shortcut(), x, a.shortcut(), dy, d.shortcut(), g.shortcut());
    kernels.axpy(1, beside, d.input());
  }

  private Tensor chainBackward(
      List<ResNetWeights.Unit> w,
      List<Convolution> convolutions,
      Tensor x,
      List<Unit> a,
      Tensor dy,
      List<UnitGradients> d,
      List<ResNetWeights.Unit> g) {
    Tensor dx = dy;
    for (int i = convolutions.size() - 1; i >= 0; i--) {
      Tensor input = i > 0 ? a.get(i - 1).normed() : x;
      Convolution c = convolutions.get(i);
      Tensor dConvolved = d.get(i).convolved();
      normBackward(w.get(i), a.get(i), dx, dConvolved, g.get(i));
      kernels.convolutionBackwardWeight(
          input, dConvolved, c.stride(), c.padding(), g.get(i).weight());
      dx = d.get(i).input();
      kernels.convolutionBackwardInput(dConvolved, w.get(i).weight(), c.stride(), c.padding(), dx);
      if (i > 0) {
        kernels.reluBackward(input, dx, dx);
      }
    }
    return dx;
  }

  private void normBackward(
      ResNetWeights.Unit w, Unit a, Tensor dy, Tensor dConvolved, ResNetWeights.Unit g) {
    kernels.batchNormBackward(
        a.convolved(), w.gamma(), a.mean(), a.rstd(), dy, dConvolved, g.gamma(), g.beta());
  }

  private Buffers buffers(int batch) {
    if (batch < 1 || batch > maxBatch) {
      throw new IllegalArgumentException("batch=" + batch + " must be within 1.." + maxBatch);
    }
    return batch == maxBatch ? whole : parts.computeIfAbsent(batch, this::firstOf);
  }

  private Buffers firstOf(int batch) {
    var part = new Part(batch, maxBatch);
    return new Buffers(
        whole.forward.part(part), whole.backward == null ? null : whole.backward.part(part));
  }
}
