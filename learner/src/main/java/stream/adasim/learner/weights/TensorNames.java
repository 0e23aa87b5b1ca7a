package stream.adasim.learner.weights;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import stream.adasim.learner.network.BackboneShape;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.VitShape;

/**
 * What DINO, timm and torchvision call the parameters of a {@link
 * stream.adasim.learner.network.ParameterLayout}, and in which shape they hold them. The order of
 * the elements is the same.
 */
final class TensorNames {
  static final String CLS = "cls_token";
  static final String REGISTERS = "reg_token";
  static final String POSITIONS = "pos_embed";
  static final String LAST_LAYER = "head.last_layer.weight_v";

  /** DINO's gain of the last layer's weight normalisation, all ones here. */
  static final String LAST_GAIN = "head.last_layer.weight_g";

  private static final Pattern MLP = Pattern.compile("head\\.(projector|predictor)(\\d+)\\.(\\w+)");
  private static final Pattern BLOCK = Pattern.compile("block(\\d+)\\.(\\w+)\\.(\\w+)");
  private static final Pattern CONVOLUTION =
      Pattern.compile("stage(\\d+)\\.block(\\d+)\\.(conv(\\d+)|shortcut)\\.(\\w+)");

  private TensorNames() {}

  /** Name and shape of a parameter elsewhere. */
  record TensorName(String name, List<Integer> shape) {}

  static TensorName of(Slice slice, BackboneShape shape) {
    if (slice.name().startsWith("head.")) {
      return new TensorName(head(slice.name()), slice.shape());
    }
    return switch (shape) {
      case VitShape vit -> vit(slice, vit);
      case ResNetShape _ -> new TensorName(resNet(slice.name()), slice.shape());
    };
  }

  private static String head(String name) {
    return switch (name) {
      case "head.last.weight" -> LAST_LAYER;
      case "head.linear1.weight" -> "head.mlp.0.weight";
      case "head.linear1.bias" -> "head.mlp.0.bias";
      case "head.linear2.weight" -> "head.mlp.2.weight";
      case "head.linear2.bias" -> "head.mlp.2.bias";
      case "head.linear3.weight" -> "head.mlp.4.weight";
      case "head.linear3.bias" -> "head.mlp.4.bias";
      default -> mlp(name);
    };
  }

  /**
   * As PyTorch names the modules of a sequence: products, batch norm, rectifier, layer by layer.
   */
  private static String mlp(String name) {
    Matcher matcher = MLP.matcher(name);
    if (!matcher.matches()) {
      throw unknown(name);
    }
    int products = 3 * Integer.parseInt(matcher.group(2));
    return "head."
        + matcher.group(1)
        + "."
        + switch (matcher.group(3)) {
          case "weight" -> products + ".weight";
          case "bias" -> products + ".bias";
          case "gamma" -> products + 1 + ".weight";
          case "beta" -> products + 1 + ".bias";
          case "mean" -> products + 1 + ".running_mean";
          case "variance" -> products + 1 + ".running_var";
          default -> throw unknown(name);
        };
  }

  private static TensorName vit(Slice slice, VitShape shape) {
    int dim = shape.dim();
    int patch = shape.patchSize();
    return switch (slice.name()) {
      case "patch.weight" ->
          new TensorName("patch_embed.proj.weight", List.of(dim, 3, patch, patch));
      case "patch.bias" -> new TensorName("patch_embed.proj.bias", slice.shape());
      case "cls" -> new TensorName(CLS, List.of(1, 1, dim));
      case "registers" -> new TensorName(REGISTERS, List.of(1, shape.registers(), dim));
      case "pos" -> new TensorName(POSITIONS, List.of(1, 1 + shape.patches(), dim));
      case "norm.gamma" -> new TensorName("norm.weight", slice.shape());
      case "norm.beta" -> new TensorName("norm.bias", slice.shape());
      default -> new TensorName(block(slice.name()), slice.shape());
    };
  }

  private static String block(String name) {
    Matcher matcher = BLOCK.matcher(name);
    if (!matcher.matches()) {
      throw unknown(name);
    }
    String layer =
        switch (matcher.group(2)) {
          case "norm1" -> "norm1";
          case "qkv" -> "attn.qkv";
          case "projection" -> "attn.proj";
          case "norm2" -> "norm2";
          case "mlp1" -> "mlp.fc1";
          case "mlp2" -> "mlp.fc2";
          default -> throw unknown(name);
        };
    String part =
        switch (matcher.group(3)) {
          case "weight", "gamma" -> "weight";
          case "bias", "beta" -> "bias";
          default -> throw unknown(name);
        };
    return "blocks." + matcher.group(1) + "." + layer + "." + part;
  }

  private static String resNet(String name) {
    if (name.startsWith("stem.")) {
      return unit("conv1", "bn1", name.substring("stem.".length()), name);
    }
    Matcher matcher = CONVOLUTION.matcher(name);
    if (!matcher.matches()) {
      throw unknown(name);
    }
    String block = "layer" + matcher.group(1) + "." + matcher.group(2) + ".";
    String number = matcher.group(4);
    return number == null
        ? unit(block + "downsample.0", block + "downsample.1", matcher.group(5), name)
        : unit(block + "conv" + number, block + "bn" + number, matcher.group(5), name);
  }

  private static String unit(String convolution, String norm, String part, String name) {
    return switch (part) {
      case "weight" -> convolution + ".weight";
      case "gamma" -> norm + ".weight";
      case "beta" -> norm + ".bias";
      case "mean" -> norm + ".running_mean";
      case "variance" -> norm + ".running_var";
      default -> throw unknown(name);
    };
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException("parameter=" + name + " has no name elsewhere");
  }
}
