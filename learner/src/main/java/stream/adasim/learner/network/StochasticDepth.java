package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;

/**
 * Stochastic depth (Huang et al. 2016), as DINO and timm have it: each branch of each block is left
 * out of an image by chance, the rate growing linearly from 0 in the first block; what stays is
 * divided by the chance of staying.
 */
final class StochasticDepth {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final double rate;
  private final int depth;

  /**
   * What each image's branches of one block are multiplied by: 0, or 1 / (1 - rate); none where all
   * stay as they are.
   */
  record Kept(@Nullable Tensor attention, @Nullable Tensor mlp) { // (b) each
    static final Kept ALL = new Kept(null, null);

    Kept part(Part part) {
      return attention == null || mlp == null ? this : new Kept(part.of(attention), part.of(mlp));
    }
  }

  /**
   * @param rate in the last of depth blocks
   */
  StochasticDepth(double rate, int depth) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropPath=" + rate + " must be within 0..1, below 1");
    }
    this.rate = rate;
    this.depth = depth;
  }

  /** Rate of a block; a single block is a first one. */
  double rate(int block) {
    return depth == 1 ? 0 : rate * block / (depth - 1);
  }

  List<Kept> allocate(Kernels kernels, int images) {
    var kept = new ArrayList<Kept>();
    for (int block = 0; block < depth; block++) {
      kept.add(
          rate(block) == 0
              ? Kept.ALL
              : new Kept(kernels.allocate(images), kernels.allocate(images)));
    }
    return List.copyOf(kept);
  }

  /** Chooses for a pass; only the student's leaves anything out. */
  void draw(Pass pass, List<Kept> kept) {
    for (int block = 0; block < depth; block++) {
      draw(pass, block, 0, kept.get(block).attention());
      draw(pass, block, 1, kept.get(block).mlp());
    }
  }

  private void draw(Pass pass, int block, int branch, @Nullable Tensor kept) {
    if (kept == null) {
      return;
    }
    float[] factors = new float[Math.toIntExact(kept.size())];
    for (int i = 0; i < factors.length; i++) {
      factors[i] =
          switch (pass) {
            case Pass.Embed _, Pass.Teach _ -> 1;
            case Pass.Learn(long noise, int first) ->
                stays(noise, first + i, block, branch) ? (float) (1 / (1 - rate(block))) : 0;
          };
    }
    kept.write(factors);
  }

  private boolean stays(long noise, int image, int block, int branch) {
    long place = ((long) image * depth + block) * 2 + branch;
    return (mix(noise + (1 + place) * GOLDEN) >>> 11) * 0x1p-53 >= rate(block);
  }

  /** The finaliser of SplittableRandom (Steele et al. 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
