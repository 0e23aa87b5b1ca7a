package stream.adasim.learner.network;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;

/** What flows back through a vision transformer, b images of T tokens, n = b T rows. */
record ActivationGradients(
    Tensor stream, // (n, D), of the residual stream
    Tensor branch, // (n, D), of what a branch read or attended to
    Tensor hidden, // (n, M)
    Tensor qkv, // (n, 3 D)
    Tensor scores, // (b, heads, T, T), scratch
    Tensor projected, // (b (T - 1), D)
    Tensor clsStream, // (b, D)
    Tensor clsBranch, // (b, D)
    Tensor clsHidden) { // (b, M)

  static ActivationGradients allocate(Kernels kernels, Architecture a, int images) {
    int rows = images * a.tokens();
    return new ActivationGradients(
        kernels.allocate(rows, a.dim()),
        kernels.allocate(rows, a.dim()),
        kernels.allocate(rows, a.mlpRatio() * a.dim()),
        kernels.allocate(rows, 3 * a.dim()),
        kernels.allocate(images, a.heads(), a.tokens(), a.tokens()),
        kernels.allocate(images * a.patches(), a.dim()),
        kernels.allocate(images, a.dim()),
        kernels.allocate(images, a.dim()),
        kernels.allocate(images, a.mlpRatio() * a.dim()));
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
        part.of(clsHidden));
  }
}
