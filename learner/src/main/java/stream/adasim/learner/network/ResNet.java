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
 * stride; the feature is the mean over all positions. Images come in by planes; from there on a
 * pixel's channels lie side by side.
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
  private boolean forwardDone;

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
    kernels.channelsLast(images, a.images());
    forwardDone = true;

    Tensor x = unit(w.stem(), first, a.images(), a.stem(), pass, null, true); // (b, H, W, C)
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
    Tensor beside = x;
    for (int i = 0; i < a.shortcut().size(); i++) {
      Convolution c = residual.shortcut().get(i);
      beside = unit(w.shortcut().get(i), c, beside, a.shortcut().get(i), pass, null, false);
    }
    Tensor y = x;
    int last = a.path().size() - 1;
    for (int i = 0; i <= last; i++) {
      Tensor added = i == last ? beside : null;
      y = unit(w.path().get(i), residual.path().get(i), y, a.path().get(i), pass, added, true);
    }
    return y;
  }

  /** A convolution and its batch norm, then what is added and perhaps a relu. */
  private Tensor unit(
      ResNetWeights.Unit w,
      Convolution c,
      Tensor x,
      Unit a,
      Pass pass,
      @Nullable Tensor added,
      boolean relu) {
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
              added,
              relu,
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
              added,
              relu,
              a.normed(),
              a.mean(),
              a.rstd());
    }
    return a.normed();
  }

  @Override
  public void backward(Parameters weights, Tensor dFeatures, Parameters gradients, int batch) {
    ResNetGradients d = buffers(batch).backward;
    if (d == null || !forwardDone) {
      throw new IllegalStateException(
          d == null
              ? "a network made for inference has no backward"
              : "a backward goes with the forward just before it; there was none");
    }
    ResNetActivations a = buffers(batch).forward;
    ResNetWeights w = weights.resNet();
    ResNetWeights g = gradients.resNet();

    kernels.globalAveragePoolBackward(dFeatures, d.blocks().getLast().output());
    Tensor beside = null;
    for (int i = residuals.size() - 1; i >= 0; i--) {
      Tensor x = i > 0 ? a.blocks().get(i - 1).output() : a.stemOutput();
      beside =
          blockBackward(
              w.blocks().get(i),
              residuals.get(i),
              x,
              a.blocks().get(i),
              d.blocks().get(i),
              beside,
              g.blocks().get(i));
    }
    Tensor dx = d.blocks().getFirst().input(); // with beside, of the stem's output
    if (a.pooled() != null && beside != null) {
      kernels.axpy(1, beside, dx);
      kernels.maxPoolBackward(a.stem().normed(), dx, 3, 2, 1, d.stemNormed());
      dx = d.stemNormed();
      beside = null;
    }
    Tensor dConvolved = d.stemConvolved();
    normBackward(w.stem(), a.stem(), a.stem().normed(), dx, beside, dConvolved, g.stem());
    kernels.convolutionBackwardWeight(
        a.images(), dConvolved, first.stride(), first.padding(), g.stem().weight());
  }

  /**
   * Comes in: d's output and what goes beside it, which add up to the gradient of the block's
   * output. Goes out: d's input and what is returned, which add up to that of x.
   */
  private Tensor blockBackward(
      ResNetWeights.Block w,
      Residual residual,
      Tensor x,
      Block a,
      BlockGradients d,
      @Nullable Tensor beside,
      ResNetWeights.Block g) {
    Tensor dx = d.output();
    for (int i = residual.path().size() - 1; i >= 0; i--) {
      Unit unit = a.path().get(i);
      Tensor input = i > 0 ? a.path().get(i - 1).normed() : x;
      boolean last = i == residual.path().size() - 1;
      Tensor dConvolved = d.path().get(i).convolved();
      normBackward(
          w.path().get(i),
          unit,
          unit.normed(),
          dx,
          last ? beside : null,
          dConvolved,
          g.path().get(i));
      dx =
          convolutionBackward(
              w.path().get(i), residual.path().get(i), input, d.path().get(i), g.path().get(i));
    }
    // The sum of both, where the output's relu was open. A shortcut's gradients overwrite it.
    Tensor dBeside = d.output();
    for (int i = 0; i < residual.shortcut().size(); i++) {
      UnitGradients back = d.shortcut().get(i);
      ResNetWeights.Unit of = w.shortcut().get(i);
      normBackward(
          of, a.shortcut().get(i), null, dBeside, null, back.convolved(), g.shortcut().get(i));
      dBeside = convolutionBackward(of, residual.shortcut().get(i), x, back, g.shortcut().get(i));
    }
    return dBeside;
  }

  private Tensor convolutionBackward(
      ResNetWeights.Unit w, Convolution c, Tensor x, UnitGradients d, ResNetWeights.Unit g) {
    kernels.convolutionBackwardWeight(x, d.convolved(), c.stride(), c.padding(), g.weight());
    kernels.convolutionBackwardInput(d.convolved(), w.weight(), c.stride(), c.padding(), d.input());
    return d.input();
  }

  /** With y, also through the relu that made it. */
  private void normBackward(
      ResNetWeights.Unit w,
      Unit a,
      @Nullable Tensor y,
      Tensor dy,
      @Nullable Tensor beside,
      Tensor dConvolved,
      ResNetWeights.Unit g) {
    kernels.batchNormBackward(
        a.convolved(),
        w.gamma(),
        a.mean(),
        a.rstd(),
        y,
        dy,
        beside,
        dConvolved,
        g.gamma(),
        g.beta());
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
