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
 * What a residual network computes on its way forward, b images. For training every layer has
 * memory of its own, kept for the backward; without, layers take turns with four blocks.
 */
record ResNetActivations(
    Unit stem,
    @Nullable Tensor pooled, // (b, C, H, W) where the stem pools
    List<Block> blocks,
    Tensor features) { // (b, D)

  /** A convolution to C channels and its batch norm, on which relu and sum work in place. */
  record Unit(
      Tensor convolved, // (b, C, H, W)
      Tensor normed, // (b, C, H, W)
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
        stem.part(part),
        pooled == null ? null : part.of(pooled),
        blocks.stream().map(block -> block.part(part)).toList(),
        part.of(features));
  }

  static ResNetActivations forTraining(Kernels kernels, ResNetShape shape, int images) {
    return allocate(kernels, shape, images, (slot, extents) -> kernels.allocate(extents));
  }

  static ResNetActivations forInference(Kernels kernels, ResNetShape shape, int images) {
    Slots slots = Slots.shared(kernels, 4, largest(shape, images));
    return allocate(kernels, shape, images, slots);
  }

  /** Floats of the largest tensor between layers. */
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
    static Slots shared(Kernels kernels, int count, int floats) {
      var blocks = new ArrayList<Tensor>();
      for (int i = 0; i < count; i++) {
        blocks.add(kernels.allocate(floats));
      }
      return (slot, extents) -> blocks.get(slot).view(0, extents);
    }
  }

  /**
   * Slot 0 is for what was convolved, dead once normalised. Of the others one holds a block's
   * input, which its shortcut reads last, and the path takes turns with the other two.
   */
  private static ResNetActivations allocate(
      Kernels kernels, ResNetShape shape, int images, Slots slots) {
    Unit stem = unit(kernels, shape.first(), images, slots, 1);
    int input = 1;
    Tensor pooled = null;
    if (shape.pools()) {
      int side = shape.stemSide();
      pooled = slots.at(2, images, shape.first().outputs(), side, side);
      input = 2;
    }
    var blocks = new ArrayList<Block>();
    for (Residual residual : shape.blocks()) {
      int next = input;
      var path = new ArrayList<Unit>();
      int turn = input % 3 + 1;
      int other = 6 - input - turn;
      for (Convolution c : residual.path()) {
        path.add(unit(kernels, c, images, slots, turn));
        next = turn;
        turn = other;
        other = next;
      }
      int beside = turn;
      List<Unit> shortcut =
          residual.shortcut().stream().map(c -> unit(kernels, c, images, slots, beside)).toList();
      blocks.add(new Block(List.copyOf(path), shortcut));
      input = next;
    }
    return new ResNetActivations(
        stem, pooled, List.copyOf(blocks), kernels.allocate(images, shape.dim()));
  }

  private static Unit unit(Kernels kernels, Convolution c, int images, Slots slots, int normed) {
    int side = c.outputSide();
    return new Unit(
        slots.at(0, images, c.outputs(), side, side),
        slots.at(normed, images, c.outputs(), side, side),
        kernels.allocate(c.outputs()),
        kernels.allocate(c.outputs()));
  }
}
