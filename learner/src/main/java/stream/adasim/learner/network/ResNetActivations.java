package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;
import stream.adasim.learner.network.ResNetShape.Convolution;
import stream.adasim.learner.network.ResNetShape.Residual;

/**
 * What a residual network computes on its way forward, b images; all that has pixels in the type of
 * activations. For training every layer has memory of its own, kept for the backward; without,
 * layers take turns with four blocks.
 */
record ResNetActivations(
    Tensor images, // (b, S, S, 3)
    Unit stem,
    @Nullable Tensor pooled, // (b, H, W, C) where the stem pools
    List<Block> blocks,
    Tensor features) { // (b, D)

  /** A convolution to C channels and its batch norm with what follows it: a sum, a relu. */
  record Unit(
      Tensor convolved, // (b, H, W, C)
      Tensor normed, // (b, H, W, C)
      Tensor mean, // (C)
      Tensor rstd) { // (C)

    Unit part(Part part) {
      return new Unit(part.of(convolved), part.of(normed), mean, rstd);
    }
  }

  /** The units of a block, and of its shortcut. */
  record Block(List<Unit> path, List<Unit> shortcut) {
    Tensor output() {
      return path.getLast().normed();
    }

    Block part(Part part) {
      return new Block(
          path.stream().map(unit -> unit.part(part)).toList(),
          shortcut.stream().map(unit -> unit.part(part)).toList());
    }
  }

  /** What the first block reads. */
  Tensor stemOutput() {
    return pooled == null ? stem.normed() : pooled;
  }

  ResNetActivations part(Part part) {
    return new ResNetActivations(
        part.of(images),
        stem.part(part),
        pooled == null ? null : part.of(pooled),
        blocks.stream().map(block -> block.part(part)).toList(),
        part.of(features));
  }

  static ResNetActivations forTraining(Kernels kernels, ResNetShape shape, int images) {
    return allocate(kernels, shape, images, (slot, extents) -> kernels.allocateActivation(extents));
  }

  static ResNetActivations forInference(Kernels kernels, ResNetShape shape, int images) {
    Slots slots = Slots.shared(kernels, 4, largest(shape, images));
    return allocate(kernels, shape, images, slots);
  }

  /** Numbers of the largest tensor between layers. */
  static int largest(ResNetShape shape, int images) {
    int largest = 0;
    for (Convolution c : shape.convolutions()) {
      int out = Math.multiplyExact(c.outputs(), c.outputSide() * c.outputSide());
      largest = Math.max(largest, out);
    }
    return Math.multiplyExact(images, largest);
  }

  /** Memory by number: equal numbers may be the same memory. */
  interface Slots {
    Tensor at(int slot, int... extents);

    /** So many blocks of memory. */
    static Slots shared(Kernels kernels, int count, int numbers) {
      var blocks = new ArrayList<Tensor>();
      for (int i = 0; i < count; i++) {
        blocks.add(kernels.allocateActivation(numbers));
      }
      return (slot, extents) -> blocks.get(slot).view(0, extents);
    }
  }

  /**
   * Slot 0 is for what was convolved, dead once normalised. Of the others one holds a block's
   * input, one what is between the units of its path, and one its output. A shortcut's output has
   * the place of the block's, which is made from it.
   */
  private static ResNetActivations allocate(
      Kernels kernels, ResNetShape shape, int images, Slots slots) {
    Unit stem = unit(kernels, shape.first(), slots.at(1, shape.first().outputs(images)), slots);
    int input = 1;
    Tensor pooled = null;
    if (shape.pools()) {
      int side = shape.stemSide();
      pooled = slots.at(2, images, side, side, shape.first().outputs());
      input = 2;
    }
    var blocks = new ArrayList<Block>();
    for (Residual residual : shape.blocks()) {
      int output = input % 3 + 1;
      int between = 6 - input - output;
      Convolution last = residual.path().getLast();
      Tensor result = slots.at(output, last.outputs(images));
      var path = new ArrayList<Unit>();
      for (Convolution c : residual.path()) {
        Tensor normed = c.equals(last) ? result : slots.at(between, c.outputs(images));
        path.add(unit(kernels, c, normed, slots));
      }
      List<Unit> shortcut =
          residual.shortcut().stream().map(c -> unit(kernels, c, result, slots)).toList();
      blocks.add(new Block(List.copyOf(path), shortcut));
      input = output;
    }
    int side = shape.imageSize();
    return new ResNetActivations(
        kernels.allocateActivation(images, side, side, shape.first().inputs()),
        stem,
        pooled,
        List.copyOf(blocks),
        kernels.allocate(images, shape.dim()));
  }

  private static Unit unit(Kernels kernels, Convolution c, Tensor normed, Slots slots) {
    return new Unit(
        slots.at(0, normed.shape()),
        normed,
        kernels.allocate(c.outputs()),
        kernels.allocate(c.outputs()));
  }
}
