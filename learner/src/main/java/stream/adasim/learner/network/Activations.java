package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;

/**
 * What a vision transformer computes on its way forward, b images of T tokens, R of them not
 * patches (cls and registers), n = b T rows.
 *
 * <p>After the last attention only the cls rows go on, because nothing reads the others: the last
 * block's second half has b rows. For training every block has buffers of its own, kept for the
 * backward; without, blocks take turns with one set and the residual stream is updated in place.
 * What products read is in the type that they multiply in, the stream in float32.
 */
record Activations(
    Tensor patches, // (b (T - R), 3 p p)
    Tensor projected, // (b (T - R), D)
    Tensor embedded, // (n, D)
    List<Attention> attentions,
    List<Mlp> mlps,
    Tensor clsAttended, // (b, D)
    Tensor clsInput, // (b, D)
    Tensor mean, // (b)
    Tensor rstd, // (b)
    Tensor features) { // (b, D)

  /** First half of a block. */
  record Attention(
      Tensor normed, // (n, D)
      Tensor mean, // (n)
      Tensor rstd, // (n)
      Tensor qkv, // (n, 3 D)
      Tensor probabilities, // (b, heads, T, T)
      Tensor attended) { // (n, D)

    static Attention allocate(Kernels kernels, VitShape a, int images) {
      int rows = images * a.tokens();
      return new Attention(
          kernels.allocateActivation(rows, a.dim()),
          kernels.allocate(rows),
          kernels.allocate(rows),
          kernels.allocateActivation(rows, 3 * a.dim()),
          kernels.allocateActivation(images, a.heads(), a.tokens(), a.tokens()),
          kernels.allocateActivation(rows, a.dim()));
    }

    Attention part(Part part) {
      return new Attention(
          part.of(normed),
          part.of(mean),
          part.of(rstd),
          part.of(qkv),
          part.of(probabilities),
          part.of(attended));
    }
  }

  /** Second half of a block; r = b rows in the last one, r = n in the others. */
  record Mlp(
      Tensor mid, // (r, D)
      Tensor normed, // (r, D)
      Tensor mean, // (r)
      Tensor rstd, // (r)
      @Nullable Tensor slope, // (r, M), of the GELU; only where there is a backward
      Tensor hidden, // (r, M)
      Tensor output) { // (r, D)

    static Mlp allocate(
        Kernels kernels, VitShape a, int rows, Tensor mid, Tensor output, boolean training) {
      int hidden = a.hidden();
      return new Mlp(
          mid,
          kernels.allocateActivation(rows, a.dim()),
          kernels.allocate(rows),
          kernels.allocate(rows),
          training ? kernels.allocateActivation(rows, hidden) : null,
          kernels.allocateActivation(rows, hidden),
          output);
    }

    Mlp part(Part part) {
      return new Mlp(
          part.of(mid),
          part.of(normed),
          part.of(mean),
          part.of(rstd),
          slope == null ? null : part.of(slope),
          part.of(hidden),
          part.of(output));
    }
  }

  /** The first images of buffers that hold {@code of} images; rows are proportional to images. */
  record Part(int images, int of) {
    Tensor of(Tensor x) {
      int[] shape = x.shape();
      shape[0] = shape[0] / of * images;
      return x.view(0, shape);
    }
  }

  static Activations forTraining(Kernels kernels, VitShape a, int images) {
    int rows = images * a.tokens();
    var attentions = new ArrayList<Attention>();
    var mlps = new ArrayList<Mlp>();
    for (int i = 0; i < a.depth(); i++) {
      int kept = i + 1 < a.depth() ? rows : images;
      Tensor mid = kernels.allocate(kept, a.dim());
      Tensor output = kernels.allocate(kept, a.dim());
      attentions.add(Attention.allocate(kernels, a, images));
      mlps.add(Mlp.allocate(kernels, a, kept, mid, output, true));
    }
    return allocate(kernels, a, images, kernels.allocate(rows, a.dim()), attentions, mlps);
  }

  static Activations forInference(Kernels kernels, VitShape a, int images) {
    int rows = images * a.tokens();
    Tensor stream = kernels.allocate(rows, a.dim());
    Tensor cls = kernels.allocate(images, a.dim());
    Attention attention = Attention.allocate(kernels, a, images);
    Mlp last = Mlp.allocate(kernels, a, images, cls, cls, false);
    var attentions = new ArrayList<Attention>();
    var mlps = new ArrayList<Mlp>();
    if (a.depth() > 1) {
      Mlp shared = Mlp.allocate(kernels, a, rows, stream, stream, false);
      for (int i = 0; i + 1 < a.depth(); i++) {
        attentions.add(attention);
        mlps.add(shared);
      }
    }
    attentions.add(attention);
    mlps.add(last);
    return allocate(kernels, a, images, stream, attentions, mlps);
  }

  private static Activations allocate(
      Kernels kernels,
      VitShape a,
      int images,
      Tensor embedded,
      List<Attention> attentions,
      List<Mlp> mlps) {
    int patches = images * a.patches();
    return new Activations(
        kernels.allocate(patches, a.patchFloats()),
        kernels.allocate(patches, a.dim()),
        embedded,
        List.copyOf(attentions),
        List.copyOf(mlps),
        kernels.allocateActivation(images, a.dim()),
        kernels.allocate(images, a.dim()),
        kernels.allocate(images),
        kernels.allocate(images),
        kernels.allocate(images, a.dim()));
  }

  Activations part(Part part) {
    return new Activations(
        part.of(patches),
        part.of(projected),
        part.of(embedded),
        attentions.stream().map(attention -> attention.part(part)).toList(),
        mlps.stream().map(mlp -> mlp.part(part)).toList(),
        part.of(clsAttended),
        part.of(clsInput),
        part.of(mean),
        part.of(rstd),
        part.of(features));
  }
}
