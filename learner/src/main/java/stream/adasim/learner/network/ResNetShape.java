package stream.adasim.learner.network;

import static stream.adasim.learner.network.Numbers.choice;
import static stream.adasim.learner.network.Numbers.number;
import static stream.adasim.learner.network.Numbers.positive;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A residual network (He et al. 2016): a stem, stages of blocks, each stage but the first at half
 * the resolution and twice the width of the one before, and the mean over all positions.
 *
 * @param imageSize side of the input in pixels, any
 * @param depths blocks of each stage
 * @param width of the stem and the first stage
 */
public record ResNetShape(int imageSize, Stem stem, Block block, List<Integer> depths, int width)
    implements BackboneShape {
  static final String KIND = "resnet";

  /** What comes before the first stage. */
  public enum Stem {
    /** One convolution 3 x 3 at full resolution, for small images. */
    CIFAR,
    /** A convolution 7 x 7 and a pool 3 x 3, at a quarter of the resolution. */
    IMAGENET
  }

  /** What a stage is made of. */
  public enum Block {
    /** Two convolutions 3 x 3. */
    BASIC(1),
    /** 1 x 1, 3 x 3 (which halves the resolution, as torchvision has it), 1 x 1 to 4 widths. */
    BOTTLENECK(4);

    private final int expansion;

    Block(int expansion) {
      this.expansion = expansion;
    }
  }

  /**
   * A convolution without bias, and the batch norm after it.
   *
   * @param kernel side of the filters; half of it, rounded down, is the padding
   * @param side of the images that come in
   */
  record Convolution(String name, int inputs, int outputs, int kernel, int stride, int side) {
    int padding() {
      return kernel / 2;
    }

    /** Side of the images that go out. */
    int outputSide() {
      return (side + 2 * padding() - kernel) / stride + 1;
    }

    /** Shape of what comes out, channels last. */
    int[] outputs(int images) {
      return new int[] {images, outputSide(), outputSide(), outputs};
    }
  }

  /**
   * Convolutions one after the other, and what stands beside them.
   *
   * @param shortcut one convolution where shapes differ, none where they don't
   */
  record Residual(List<Convolution> path, List<Convolution> shortcut) {}

  /**
   * @throws IllegalArgumentException if a number is not positive, or there is no stage
   */
  public ResNetShape {
    positive("imageSize", imageSize);
    positive("width", width);
    positive("number of stages", depths.size());
    depths.forEach(depth -> positive("depth of a stage", depth));
    depths = List.copyOf(depths);
  }

  static ResNetShape of(Map<String, String> map) {
    List<Integer> depths =
        Arrays.stream(Numbers.text(map, "depths").split(",", -1))
            .map(depth -> number("depths", depth))
            .toList();
    return new ResNetShape(
        number(map, "imageSize"),
        choice(map, "stem", Stem.class),
        choice(map, "block", Block.class),
        depths,
        number(map, "width"));
  }

  @Override
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put("kind", KIND);
    map.put("imageSize", Integer.toString(imageSize));
    map.put("stem", stem.name().toLowerCase(Locale.ROOT));
    map.put("block", block.name().toLowerCase(Locale.ROOT));
    map.put("depths", depths.stream().map(String::valueOf).collect(Collectors.joining(",")));
    map.put("width", Integer.toString(width));
    return map;
  }

  @Override
  public ResNetShape withImageSize(int side) {
    return new ResNetShape(side, stem, block, depths, width);
  }

  @Override
  public int dim() {
    return stageWidth(depths.size() - 1) * block.expansion;
  }

  /** Batch norm does. */
  @Override
  public boolean couplesImages() {
    return true;
  }

  Convolution first() {
    return switch (stem) {
      case CIFAR -> new Convolution("stem", Architecture.CHANNELS, width, 3, 1, imageSize);
      case IMAGENET -> new Convolution("stem", Architecture.CHANNELS, width, 7, 2, imageSize);
    };
  }

  /** Whether a pool of 3 x 3, stride 2, padding 1 follows the first convolution. */
  boolean pools() {
    return stem == Stem.IMAGENET;
  }

  /** Side of what the first block reads. */
  int stemSide() {
    int side = first().outputSide();
    return pools() ? (side - 1) / 2 + 1 : side;
  }

  List<Residual> blocks() {
    var blocks = new ArrayList<Residual>();
    int inputs = width;
    int side = stemSide();
    for (int stage = 0; stage < depths.size(); stage++) {
      for (int i = 0; i < depths.get(stage); i++) {
        String name = "stage%d.block%d.".formatted(stage + 1, i);
        int stride = stage > 0 && i == 0 ? 2 : 1;
        List<Convolution> path = path(name, inputs, stageWidth(stage), stride, side);
        int outputs = path.getLast().outputs();
        blocks.add(
            new Residual(
                path,
                stride == 1 && inputs == outputs
                    ? List.of()
                    : List.of(
                        new Convolution(name + "shortcut", inputs, outputs, 1, stride, side))));
        inputs = outputs;
        side = path.getLast().outputSide();
      }
    }
    return List.copyOf(blocks);
  }

  /** All convolutions from front to back, a block's shortcut after its path. */
  List<Convolution> convolutions() {
    var all = new ArrayList<Convolution>();
    all.add(first());
    for (Residual residual : blocks()) {
      all.addAll(residual.path());
      all.addAll(residual.shortcut());
    }
    return List.copyOf(all);
  }

  private List<Convolution> path(String name, int inputs, int width, int stride, int side) {
    int half = (side - 1) / stride + 1;
    return switch (block) {
      case BASIC ->
          List.of(
              new Convolution(name + "conv1", inputs, width, 3, stride, side),
              new Convolution(name + "conv2", width, width, 3, 1, half));
      case BOTTLENECK ->
          List.of(
              new Convolution(name + "conv1", inputs, width, 1, 1, side),
              new Convolution(name + "conv2", width, width, 3, stride, side),
              new Convolution(name + "conv3", width, block.expansion * width, 1, 1, half));
    };
  }

  private int stageWidth(int stage) {
    return Math.multiplyExact(width, 1 << stage);
  }
}
