package stream.adasim.learner.network;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;

/**
 * The vision transformer of Dosovitskiy et al. (2021) as DINO uses it: patch embedding, cls token,
 * learned positions, pre-norm blocks of attention and MLP, a final norm; the feature is the cls
 * row.
 *
 * <p>Weights are passed in, buffers are its own: what {@link #forward} returns holds until the next
 * call, and {@link #backward} goes with the forward just before it. Not thread-safe.
 */
public final class VisionTransformer {
  private static final float EPSILON = 1e-6f;

  private final Kernels kernels;
  private final Architecture architecture;
  private final int maxBatch;
  private final Buffers whole;
  private final Map<Integer, Buffers> parts = new HashMap<>();

  private record Buffers(Activations forward, @Nullable ActivationGradients backward) {}

  private VisionTransformer(
      Kernels kernels, Architecture architecture, int maxBatch, boolean training) {
    if (maxBatch < 1) {
      throw new IllegalArgumentException("maxBatch=" + maxBatch + " must be 1 or more");
    }
    this.kernels = kernels;
    this.architecture = architecture;
    this.maxBatch = maxBatch;
    this.whole =
        training
            ? new Buffers(
                Activations.forTraining(kernels, architecture, maxBatch),
                ActivationGradients.allocate(kernels, architecture, maxBatch))
            : new Buffers(Activations.forInference(kernels, architecture, maxBatch), null);
  }

  /** One that keeps what the backward needs, for up to maxBatch images at a time. */
  public static VisionTransformer forTraining(
      Kernels kernels, Architecture architecture, int maxBatch) {
    return new VisionTransformer(kernels, architecture, maxBatch, true);
  }

  /** One without a backward, whose blocks share their buffers. */
  public static VisionTransformer forInference(
      Kernels kernels, Architecture architecture, int maxBatch) {
    return new VisionTransformer(kernels, architecture, maxBatch, false);
  }

  /** The most images of one call. */
  public int maxBatch() {
    return maxBatch;
  }

  /**
   * Features of images.
   *
   * @param images (batch, 3, S, S)
   * @param batch from 1 to maxBatch
   * @return (batch, D), not normalised; overwritten by the next call
   */
  public Tensor forward(Parameters weights, Tensor images, int batch) {
    Activations a = buffers(batch).forward;
    Parameters.Backbone w = weights.backbone();
    int depth = architecture.depth();
    int tokens = architecture.tokens();

    kernels.patches(images, architecture.patchSize(), a.patches()); // (b (T - 1), 3 p p)
    kernels.linear(a.patches(), w.patchWeight(), w.patchBias(), null, a.projected());
    kernels.tokens(a.projected(), w.cls(), w.pos(), batch, a.embedded()); // (n, D)

    Tensor x = a.embedded();
    for (int i = 0; i + 1 < depth; i++) {
      attention(w.blocks().get(i), x, batch, a.attentions().get(i));
      x = mlp(w.blocks().get(i), a.attentions().get(i).attended(), x, a.mlps().get(i)); // (n, D)
    }
    attention(w.blocks().getLast(), x, batch, a.attentions().getLast());
    kernels.gatherRows(a.attentions().getLast().attended(), 0, tokens, a.clsAttended());
    kernels.gatherRows(x, 0, tokens, a.clsInput());
    x = mlp(w.blocks().getLast(), a.clsAttended(), a.clsInput(), a.mlps().getLast()); // (b, D)

    kernels.layerNorm(x, w.gamma(), w.beta(), EPSILON, a.features(), a.mean(), a.rstd());
    return a.features(); // (b, D)
  }

  /**
   * Adds the gradients of the backbone's parameters, for the images of the last {@link #forward}.
   *
   * @param weights those of the forward
   * @param dFeatures (batch, D)
   * @param gradients accumulated into
   * @throws IllegalStateException if this one was made for inference
   */
  public void backward(Parameters weights, Tensor dFeatures, Parameters gradients, int batch) {
    ActivationGradients d = buffers(batch).backward;
    if (d == null) {
      throw new IllegalStateException("a network made for inference has no backward");
    }
    Activations a = buffers(batch).forward;
    Parameters.Backbone w = weights.backbone();
    Parameters.Backbone g = gradients.backbone();
    int last = architecture.depth() - 1;
    int tokens = architecture.tokens();

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
        d.clsStream(),
        d.clsBranch(),
        d.clsHidden(),
        g.blocks().get(last));
    kernels.fill(d.stream(), 0);
    kernels.scatterAddRows(d.clsStream(), 0, tokens, d.stream()); // (n, D)
    kernels.fill(d.branch(), 0);
    kernels.scatterAddRows(d.clsBranch(), 0, tokens, d.branch()); // (n, D)
    attentionBackward(
        w.blocks().get(last), input(a, last), batch, a, last, d, g.blocks().get(last));

    for (int i = last - 1; i >= 0; i--) {
      mlpBackward(
          w.blocks().get(i),
          a.attentions().get(i).attended(),
          a.mlps().get(i),
          d.stream(),
          d.branch(),
          d.hidden(),
          g.blocks().get(i));
      attentionBackward(w.blocks().get(i), input(a, i), batch, a, i, d, g.blocks().get(i));
    }

    kernels.tokensBackward(d.stream(), batch, d.projected(), g.cls(), g.pos());
    kernels.linearBackwardWeight(a.patches(), d.projected(), g.patchWeight(), g.patchBias());
  }

  /** attended = attention(qkv(norm1(x))). */
  private void attention(Parameters.Block w, Tensor x, int batch, Activations.Attention a) {
    kernels.layerNorm(
        x, w.norm1Gamma(), w.norm1Beta(), EPSILON, a.normed(), a.mean(), a.rstd()); // (n, D)
    kernels.linear(a.normed(), w.qkvWeight(), w.qkvBias(), null, a.qkv()); // (n, 3 D)
    kernels.attention(a.qkv(), batch, architecture.heads(), a.probabilities(), a.attended());
  }

  /** mid = x + projection(attended); output = mid + mlp2(gelu(mlp1(norm2(mid)))). */
  private Tensor mlp(Parameters.Block w, Tensor attended, Tensor x, Activations.Mlp a) {
    kernels.linear(attended, w.projectionWeight(), w.projectionBias(), x, a.mid()); // (r, D)
    kernels.layerNorm(
        a.mid(), w.norm2Gamma(), w.norm2Beta(), EPSILON, a.normed(), a.mean(), a.rstd());
    kernels.linearGelu(a.normed(), w.mlp1Weight(), w.mlp1Bias(), a.slope(), a.hidden()); // (r, M)
    kernels.linear(a.hidden(), w.mlp2Weight(), w.mlp2Bias(), a.mid(), a.output()); // (r, D)
    return a.output();
  }

  /** dx comes in as the output's gradient and leaves as mid's; branch leaves as attended's. */
  private void mlpBackward(
      Parameters.Block w,
      Tensor attended,
      Activations.Mlp a,
      Tensor dx, // (r, D)
      Tensor branch, // (r, D)
      Tensor hidden, // (r, M)
      Parameters.Block g) {
    kernels.linearBackwardWeight(a.hidden(), dx, g.mlp2Weight(), g.mlp2Bias());
    kernels.linearBackwardInput(dx, w.mlp2Weight(), hidden, false);
    kernels.geluBackward(Objects.requireNonNull(a.slope()), hidden, hidden);
    kernels.linearBackwardWeight(a.normed(), hidden, g.mlp1Weight(), g.mlp1Bias());
    kernels.linearBackwardInput(hidden, w.mlp1Weight(), branch, false);
    kernels.layerNormBackward(
        a.mid(),
        w.norm2Gamma(),
        a.mean(),
        a.rstd(),
        branch,
        dx,
        true,
        g.norm2Gamma(),
        g.norm2Beta());
    kernels.linearBackwardWeight(attended, dx, g.projectionWeight(), g.projectionBias());
    kernels.linearBackwardInput(dx, w.projectionWeight(), branch, false);
  }

  /** The stream comes in as mid's gradient and leaves as the block's input's. */
  private void attentionBackward(
      Parameters.Block w,
      Tensor x,
      int batch,
      Activations activations,
      int index,
      ActivationGradients d,
      Parameters.Block g) {
    Activations.Attention a = activations.attentions().get(index);
    kernels.attentionBackward(
        a.qkv(), batch, architecture.heads(), a.probabilities(), d.branch(), d.scores(), d.qkv());
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
    return batch == maxBatch ? whole : parts.computeIfAbsent(batch, this::firstOf);
  }

  private Buffers firstOf(int batch) {
    var part = new Part(batch, maxBatch);
    return new Buffers(
        whole.forward.part(part), whole.backward == null ? null : whole.backward.part(part));
  }
}
