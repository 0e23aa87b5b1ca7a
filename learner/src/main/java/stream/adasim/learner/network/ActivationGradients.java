package stream.adasim.learner.network;

import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;

/**
 * What flows back through a vision transformer, b images of T tokens, R of them not patches, n = b
 * T rows.
 *
 * @param scaled shares qkv's memory where that has its type: it is idle when this is used
 */
record ActivationGradients(
    Tensor stream, // (n, D), of the residual stream
    Tensor branch, // (n, D), of what a branch read
    Tensor attended, // (n, D)
    Tensor output, // (n, D), the stream's as products take it, where that is another type
    Tensor hidden, // (n, M)
    Tensor qkv, // (n, 3 D)
    Tensor scores, // (b, heads, T, T), scratch
    Tensor projected, // (b (T - R), D)
    Tensor clsStream, // (b, D)
    Tensor clsBranch, // (b, D)
    Tensor clsAttended, // (b, D)
    Tensor clsOutput, // (b, D)
    Tensor clsHidden, // (b, M)
    Tensor scaled, // (n, D)
    Tensor clsScaled) { // (b, D)

  static ActivationGradients allocate(Kernels kernels, VitShape a, int images) {
    int rows = images * a.tokens();
    Tensor stream = kernels.allocate(rows, a.dim());
    Tensor qkv = kernels.allocateActivation(rows, 3 * a.dim());
    boolean oneType = qkv.type() == stream.type();
    Tensor scaled = oneType ? qkv.view(0, rows, a.dim()) : kernels.allocate(rows, a.dim());
    Tensor output = oneType ? stream : kernels.allocateActivation(rows, a.dim());
    Tensor clsStream = kernels.allocate(images, a.dim());
    return new ActivationGradients(
        stream,
        kernels.allocate(rows, a.dim()),
        kernels.allocateActivation(rows, a.dim()),
        output,
        kernels.allocateActivation(rows, a.hidden()),
        qkv,
        kernels.allocate(images, a.heads(), a.tokens(), a.tokens()),
        kernels.allocate(images * a.patches(), a.dim()),
        clsStream,
        kernels.allocate(images, a.dim()),
        kernels.allocateActivation(images, a.dim()),
        oneType ? clsStream : output.view(0, images, a.dim()),
        kernels.allocateActivation(images, a.hidden()),
        scaled,
        scaled.view(0, images, a.dim()));
  }

  ActivationGradients part(Part part) {
    return new ActivationGradients(
        part.of(stream),
        part.of(branch),
        part.of(attended),
        part.of(output),
        part.of(hidden),
        part.of(qkv),
        part.of(scores),
        part.of(projected),
        part.of(clsStream),
        part.of(clsBranch),
        part.of(clsAttended),
        part.of(clsOutput),
        part.of(clsHidden),
        part.of(scaled),
        part.of(clsScaled));
  }
}
