package stream.adasim.learner.network;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;
import stream.adasim.learner.network.StochasticDepth.Kept;

/**
 * The vision transformer of Dosovitskiy et al. (2021) as DINO uses it: patch embedding, cls token,
 * registers where there are any (Darcet et al. 2024), learned positions, pre-norm blocks of
 * attention and MLP, a final norm; the feature is the cls row. All passes are alike but for
 * stochastic depth.
 */
final class VisionTransformer implements Backbone {
  private static final float EPSILON = 1e-6f;

  private final Kernels kernels;
  private final VitShape shape;
  private final int maxBatch;
  private final StochasticDepth depth;
  private final Positions positions;
  private final Buffers buffers;
  private final Map<Integer, Buffers> parts = new HashMap<>();

  private record Buffers(
      Activations forward, @Nullable ActivationGradients backward, List<Kept> kept) {}

  private VisionTransformer(
      Kernels kernels, VitShape whole, int side, int maxBatch, boolean training, double dropPath) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch=" + maxBatch + " must be 1 or more");
    }
    this.kernels = kernels;
    shape = whole.withImageSize(side);
    positions = new Positions(kernels, whole, side);
    this.maxBatch = maxBatch;
    this.depth = new StochasticDepth(dropPath, shape.depth());
    buffers =
        new Buffers(
            training
                ? Activations.forTraining(kernels, shape, maxBatch)
                : Activations.forInference(kernels, shape, maxBatch),
            training ? ActivationGradients.allocate(kernels, shape, maxBatch) : null,
            depth.allocate(kernels, maxBatch));
  }

  /**
   * One for images of a side that may be smaller than the shape's; positions are interpolated then.
   */
  static VisionTransformer forTraining(
      Kernels kernels, VitShape shape, int side, int maxBatch, double dropPath) {
    return new VisionTransformer(kernels, shape, side, maxBatch, true, dropPath);
  }

  /** One whose blocks share their buffers. */
  static VisionTransformer forInference(Kernels kernels, VitShape shape, int maxBatch) {
    return new VisionTransformer(kernels, shape, shape.imageSize(), maxBatch, false, 0);
  }

  @Override
  public int maxBatch() {
    return maxBatch;
  }

  @Override
  public Tensor forward(Parameters weights, Tensor images, int batch, Pass pass) {
    Buffers own = buffers(batch);
    Activations a = own.forward;
    VitWeights w = weights.vit();
    int last = shape.depth() - 1;
    int tokens = shape.tokens();
    depth.draw(pass, own.kept);

    kernels.patches(images, shape.patchSize(), a.patches()); // (b (T - R), 3 p p)
    kernels.linear(a.patches(), w.patchWeight(), w.patchBias(), null, a.projected());
    kernels.tokens(
        a.projected(), w.prefix(), positions.forward(w.pos()), batch, a.embedded()); // (n, D)

    Tensor x = a.embedded();
    for (int i = 0; i < last; i++) {
      Activations.Attention attention = a.attentions().get(i);
      attention(w.blocks().get(i), x, batch, attention);
      x = mlp(w.blocks().get(i), attention.attended(), x, a.mlps().get(i), own.kept.get(i));
    }
    attention(w.blocks().get(last), x, batch, a.attentions().get(last));
    kernels.gatherRows(a.attentions().get(last).attended(), 0, tokens, a.clsAttended());
    kernels.gatherRows(x, 0, tokens, a.clsInput());
    Activations.Mlp mlp = a.mlps().get(last);
    x = mlp(w.blocks().get(last), a.clsAttended(), a.clsInput(), mlp, own.kept.get(last));

    kernels.layerNorm(x, w.gamma(), w.beta(), EPSILON, a.features(), a.mean(), a.rstd());
    return a.features(); // (b, D)
  }

  @Override
  public void backward(Parameters weights, Tensor dFeatures, Parameters gradients, int batch) {
    ActivationGradients d = buffers(batch).backward;
    if (d == null) {
      throw new IllegalStateException("a network made for inference has no backward");
    }
    Activations a = buffers(batch).forward;
    List<Kept> kept = buffers(batch).kept;
    VitWeights w = weights.vit();
    VitWeights g = gradients.vit();
    int last = shape.depth() - 1;
    int tokens = shape.tokens();

    kernels.layerNormBackward(
        a.mlps().getLast().output(),
        w.gamma(),
        a.mean(),
        a.rstd(),
        dFeatures,
        d.clsStream(), // (b, D)
        false,
        g.gamma(),
        g.beta());

    mlpBackward(
        w.blocks().get(last),
        a.clsAttended(),
        a.mlps().get(last),
        new MlpGradients(
            d.clsStream(),
            d.clsBranch(),
            d.clsAttended(),
            d.clsOutput(),
            d.clsHidden(),
            d.clsScaled()),
        kept.get(last),
        g.blocks().get(last));
    kernels.fill(d.stream(), 0);
    kernels.scatterAddRows(d.clsStream(), 0, tokens, d.stream()); // (n, D)
    kernels.fill(d.attended(), 0);
    kernels.scatterAddRows(d.clsAttended(), 0, tokens, d.attended()); // (n, D)
    attentionBackward(
        w.blocks().get(last), input(a, last), batch, a, last, d, g.blocks().get(last));

    for (int i = last - 1; i >= 0; i--) {
      mlpBackward(
          w.blocks().get(i),
          a.attentions().get(i).attended(),
          a.mlps().get(i),
          new MlpGradients(
              d.stream(), d.branch(), d.attended(), d.output(), d.hidden(), d.scaled()),
          kept.get(i),
          g.blocks().get(i));
      attentionBackward(w.blocks().get(i), input(a, i), batch, a, i, d, g.blocks().get(i));
    }

    Tensor dPos = positions.gradient(g.pos());
    kernels.tokensBackward(d.stream(), batch, d.projected(), g.prefix(), dPos);
    positions.backward(g.pos());
    kernels.linearBackwardWeight(a.patches(), d.projected(), g.patchWeight(), g.patchBias());
  }

  /** attended = attention(qkv(norm1(x))). */
  private void attention(VitWeights.Block w, Tensor x, int batch, Activations.Attention a) {
    kernels.layerNorm(
        x, w.norm1Gamma(), w.norm1Beta(), EPSILON, a.normed(), a.mean(), a.rstd()); // (n, D)
    kernels.linear(a.normed(), w.qkvWeight(), w.qkvBias(), null, a.qkv()); // (n, 3 D)
    kernels.attention(a.qkv(), batch, shape.heads(), a.probabilities(), a.attended());
  }

  /** mid = x + projection(attended); output = mid + mlp2(gelu(mlp1(norm2(mid)))). */
  private Tensor mlp(VitWeights.Block w, Tensor attended, Tensor x, Activations.Mlp a, Kept kept) {
    addBranch(attended, w.projectionWeight(), w.projectionBias(), x, kept.attention(), a.mid());
    kernels.layerNorm(
        a.mid(), w.norm2Gamma(), w.norm2Beta(), EPSILON, a.normed(), a.mean(), a.rstd());
    kernels.linearGelu(a.normed(), w.mlp1Weight(), w.mlp1Bias(), a.slope(), a.hidden()); // (r, M)
    addBranch(a.hidden(), w.mlp2Weight(), w.mlp2Bias(), a.mid(), kept.mlp(), a.output()); // (r, D)
    return a.output();
  }

  /** y = x + kept (w input + bias), kept by image. */
  private void addBranch(
      Tensor input, Tensor w, Tensor bias, Tensor x, @Nullable Tensor kept, Tensor y) {
    if (kept == null) {
      kernels.linear(input, w, bias, x, y); // (r, D)
      return;
    }
    kernels.linear(input, w, bias, null, y); // (r, D)
    kernels.scaleRows(byImage(y, kept), kept, byImage(y, kept));
    kernels.axpy(1, x, y);
  }

  /** The gradient of a branch, from that of the sum that it was added to. */
  private Tensor branch(Tensor dx, @Nullable Tensor kept, Tensor scaled) {
    if (kept == null) {
      return dx;
    }
    kernels.scaleRows(byImage(dx, kept), kept, byImage(scaled, kept));
    return scaled;
  }

  private static Tensor byImage(Tensor x, Tensor kept) {
    int images = Math.toIntExact(kept.size());
    return x.view(0, images, Math.toIntExact(x.size() / images)); // (b, r / b D)
  }

  /** Those of {@link ActivationGradients} that a block's second half, of r rows, works with. */
  private record MlpGradients(
      Tensor stream, // (r, D)
      Tensor branch, // (r, D)
      Tensor attended, // (r, D)
      Tensor output, // (r, D)
      Tensor hidden, // (r, M)
      Tensor scaled) {} // (r, D)

  /** The stream comes in as the output's gradient and leaves as mid's. */
  private void mlpBackward(
      VitWeights.Block w,
      Tensor attended,
      Activations.Mlp a,
      MlpGradients d,
      Kept kept,
      VitWeights.Block g) {
    Tensor dx = d.stream;
    Tensor hidden = d.hidden;
    Tensor dOutput = forProducts(branch(dx, kept.mlp(), d.scaled), d.output);
    kernels.linearBackwardWeight(a.hidden(), dOutput, g.mlp2Weight(), g.mlp2Bias());
    kernels.linearBackwardInput(dOutput, w.mlp2Weight(), hidden, false);
    kernels.geluBackward(Objects.requireNonNull(a.slope()), hidden, hidden);
    kernels.linearBackwardWeight(a.normed(), hidden, g.mlp1Weight(), g.mlp1Bias());
    kernels.linearBackwardInput(hidden, w.mlp1Weight(), d.branch, false);
    kernels.layerNormBackward(
        a.mid(),
        w.norm2Gamma(),
        a.mean(),
        a.rstd(),
        d.branch,
        dx,
        true,
        g.norm2Gamma(),
        g.norm2Beta());
    Tensor dProjected = forProducts(branch(dx, kept.attention(), d.scaled), d.output);
    kernels.linearBackwardWeight(attended, dProjected, g.projectionWeight(), g.projectionBias());
    kernels.linearBackwardInput(dProjected, w.projectionWeight(), d.attended, false);
  }

  /** The same numbers in the type that products multiply in. */
  private Tensor forProducts(Tensor x, Tensor rounded) {
    if (x.type() == rounded.type()) {
      return x;
    }
    kernels.copy(x, rounded);
    return rounded;
  }

  /** The stream comes in as mid's gradient and leaves as the block's input's. */
  private void attentionBackward(
      VitWeights.Block w,
      Tensor x,
      int batch,
      Activations activations,
      int index,
      ActivationGradients d,
      VitWeights.Block g) {
    Activations.Attention a = activations.attentions().get(index);
    kernels.attentionBackward(
        a.qkv(), batch, shape.heads(), a.probabilities(), d.attended(), d.scores(), d.qkv());
    kernels.linearBackwardWeight(a.normed(), d.qkv(), g.qkvWeight(), g.qkvBias());
    kernels.linearBackwardInput(d.qkv(), w.qkvWeight(), d.branch(), false); // (n, D)
    kernels.layerNormBackward(
        x,
        w.norm1Gamma(),
        a.mean(),
        a.rstd(),
        d.branch(),
        d.stream(),
        true,
        g.norm1Gamma(),
        g.norm1Beta());
  }

  private static Tensor input(Activations a, int block) {
    return block == 0 ? a.embedded() : a.mlps().get(block - 1).output();
  }

  private Buffers buffers(int batch) {
    if (batch < 1 || batch > maxBatch) {
      throw new IllegalArgumentException("batch=" + batch + " must be within 1.." + maxBatch);
    }
    return batch == maxBatch ? buffers : parts.computeIfAbsent(batch, this::firstOf);
  }

  private Buffers firstOf(int batch) {
    var part = new Part(batch, maxBatch);
    return new Buffers(
        buffers.forward.part(part),
        buffers.backward == null ? null : buffers.backward.part(part),
        buffers.kept.stream().map(kept -> kept.part(part)).toList());
  }
}
