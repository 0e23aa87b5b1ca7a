package stream.adasim.learner.network;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;

/**
 * What flows back through a vision transformer, b images of T tokens, R of them not patches, n = b
 * T rows.
 *
 * @param scaled shares qkv's memory, which is idle when this is used
 */
record ActivationGradients(
    Tensor stream, // (n, D), of the residual stream
    Tensor branch, // (n, D), of what a branch read or attended to
    Tensor hidden, // (n, M)
    Tensor qkv, // (n, 3 D)
    Tensor scores, // (b, heads, T, T), scratch
    Tensor projected, // (b (T - R), D)
    Tensor clsStream, // (b, D)
    Tensor clsBranch, // (b, D)
    Tensor clsHidden, // (b, M)
    Tensor scaled, // (n, D)
    Tensor clsScaled) { // (b, D)

  static ActivationGradients allocate(Kernels kernels, VitShape a, int images) {
    int rows = images * a.tokens();
    Tensor qkv = kernels.allocate(rows, 3 * a.dim());
    return new ActivationGradients(
        kernels.allocate(rows, a.dim()),
        kernels.allocate(rows, a.dim()),
        kernels.allocate(rows, a.hidden()),
        qkv,
        kernels.allocate(images, a.heads(), a.tokens(), a.tokens()),
        kernels.allocate(images * a.patches(), a.dim()),
        kernels.allocate(images, a.dim()),
        kernels.allocate(images, a.dim()),
        kernels.allocate(images, a.hidden()),
        qkv.view(0, rows, a.dim()),
        qkv.view(0, images, a.dim()));
  }

  ActivationGradients part(Part part) {
    return new ActivationGradients(
        part.of(stream),
        part.of(branch),
        part.of(hidden),
        part.of(qkv),
        part.of(scores),
        part.of(projected),
        part.of(clsStream),
        part.of(clsBranch),
        part.of(clsHidden),
        part.of(scaled),
        part.of(clsScaled));
  }
}
