package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.List;
import stream.adasim.compute.Kernels;
import stream.adasim.compute.Tensor;
import stream.adasim.learner.network.Activations.Part;
import stream.adasim.learner.network.ResNetActivations.Slots;
import stream.adasim.learner.network.ResNetShape.Convolution;
import stream.adasim.learner.network.ResNetShape.Residual;

/**
 * What flows back through a residual network, b images, in the type of activations; all of it in
 * three blocks of memory.
 */
record ResNetGradients(
    Tensor stemNormed, // (b, H, W, C)
    Tensor stemConvolved, // (b, H, W, C)
    List<BlockGradients> blocks) {

  /** Of a unit from I to C channels. */
  record UnitGradients(
      Tensor convolved, // (b, H', W', C)
      Tensor input) { // (b, H, W, I)

    UnitGradients part(Part part) {
      return new UnitGradients(part.of(convolved), part.of(input));
    }
  }

  /** Of a block; the output's is the memory of the next block's input's. */
  record BlockGradients(Tensor output, List<UnitGradients> path, List<UnitGradients> shortcut) {
    Tensor input() {
      return path.getFirst().input();
    }

    BlockGradients part(Part part) {
      return new BlockGradients(
          part.of(output),
          path.stream().map(unit -> unit.part(part)).toList(),
          shortcut.stream().map(unit -> unit.part(part)).toList());
    }
  }

  ResNetGradients part(Part part) {
    return new ResNetGradients(
        part.of(stemNormed),
        part.of(stemConvolved),
        blocks.stream().map(block -> block.part(part)).toList());
  }

  /**
   * Slot 0 is for what was convolved. A block's output has one of the others, its input the third,
   * and from block to block these two change places: what comes back beside a block's input lies in
   * the place of the output.
   */
  static ResNetGradients allocate(Kernels kernels, ResNetShape shape, int images) {
    Slots slots = Slots.shared(kernels, 3, ResNetActivations.largest(shape, images));
    var blocks = new ArrayList<BlockGradients>();
    int input = 1;
    for (Residual residual : shape.blocks()) {
      int output = 3 - input;
      Convolution last = residual.path().getLast();
      blocks.add(
          new BlockGradients(
              slots.at(output, last.outputs(images)),
              units(residual.path(), images, slots, input),
              units(residual.shortcut(), images, slots, output)));
      input = output;
    }
    Convolution stem = shape.first();
    return new ResNetGradients(
        slots.at(2, stem.outputs(images)), slots.at(0, stem.outputs(images)), List.copyOf(blocks));
  }

  private static List<UnitGradients> units(
      List<Convolution> convolutions, int images, Slots slots, int input) {
    return convolutions.stream()
        .map(
            c ->
                new UnitGradients(
                    slots.at(0, c.outputs(images)),
                    slots.at(input, images, c.side(), c.side(), c.inputs())))
        .toList();
  }
}
