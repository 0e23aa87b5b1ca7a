package stream.adasim.learner.network;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import stream.adasim.learner.network.MlpLayer.Norm;

/**
 * A projector and, where there is one, a predictor: linear layers with batch norm and rectifiers
 * between them, in the order that an objective's authors published. A bias right before batch norm,
 * which batch norm takes away again, is left out everywhere.
 *
 * @param kind whose order of layers
 * @param hidden width of the projector's hidden layers
 * @param output width of what is compared
 * @param predictorHidden width of the predictor's hidden layer; 0 for no predictor
 */
public record MlpHead(Kind kind, int hidden, int output, int predictorHidden) implements HeadShape {
  static final String KEY = "head";

  /** Backbones narrower than this get narrower heads; DINO's smallest published one is as wide. */
  private static final int FULL_DIM = 192;

  private static final int LEAST = 128;

  /** Whose layers. */
  public enum Kind {
    /** Grill et al. (2020): two layers each. */
    BYOL,
    /** Chen and He (2021): a projector of three layers, a predictor with a narrow middle. */
    SIMSIAM,
    /** Chen et al. (2021): a projector of three layers for transformers, of two for ResNets. */
    MOCOV3,
    /** Chen et al. (2020): a projector of two layers, no predictor. */
    SIMCLR,
    /** Dwibedi et al. (2021): a projector of three layers, a predictor of two. */
    NNCLR
  }

  /**
   * @throws IllegalArgumentException if the numbers don't fit each other
   */
  public MlpHead {
    Numbers.positive("headHidden", hidden);
    Numbers.positive("headOutput", output);
    if (predictorHidden < 0) {
      throw new IllegalArgumentException(
          "predictorHidden=" + predictorHidden + " must be 0 or more");
    }
    if (kind == Kind.SIMCLR && predictorHidden > 0) {
      throw new IllegalArgumentException(
          "predictorHidden=" + predictorHidden + " must be 0: SimCLR has no predictor");
    }
  }

  /**
   * The published widths, for features of a width: below 192, such as the micro network's, a
   * quarter of them, but 128 at least.
   */
  public static MlpHead published(Kind kind, int dim) {
    MlpHead full =
        switch (kind) {
          case BYOL, MOCOV3 -> new MlpHead(kind, 4096, 256, 4096);
          case SIMSIAM -> new MlpHead(kind, 2048, 2048, 512);
          case SIMCLR -> new MlpHead(kind, 2048, 128, 0);
          case NNCLR -> new MlpHead(kind, 2048, 256, 4096);
        };
    return dim >= FULL_DIM ? full : full.quarter();
  }

  private MlpHead quarter() {
    return new MlpHead(
        kind,
        hidden / 4,
        Math.max(LEAST, output / 4),
        predictorHidden == 0 ? 0 : Math.max(LEAST, predictorHidden / 4));
  }

  static MlpHead of(Map<String, String> map) {
    return new MlpHead(
        Numbers.choice(map, KEY, Kind.class),
        Numbers.number(map, "headHidden"),
        Numbers.number(map, "headOutput"),
        Numbers.number(map, "predictorHidden"));
  }

  @Override
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put(KEY, kind.name());
    map.put("headHidden", Integer.toString(hidden));
    map.put("headOutput", Integer.toString(output));
    map.put("predictorHidden", Integer.toString(predictorHidden));
    return map;
  }

  /** From a backbone's features to projections. */
  List<MlpLayer> projector(BackboneShape backbone) {
    int dim = backbone.dim();
    return switch (kind) {
      case BYOL -> List.of(hiddenLayer(dim, hidden), last(hidden, false, Norm.NONE));
      case SIMSIAM -> three(dim, Norm.PLAIN);
      case MOCOV3 ->
          backbone instanceof VitShape
              ? three(dim, Norm.PLAIN)
              : List.of(hiddenLayer(dim, hidden), last(hidden, false, Norm.PLAIN));
      case SIMCLR -> List.of(hiddenLayer(dim, hidden), last(hidden, false, Norm.GAIN));
      case NNCLR -> three(dim, Norm.AFFINE);
    };
  }

  /** From projections to predictions; empty where there is no predictor. */
  List<MlpLayer> predictor(BackboneShape backbone) {
    if (predictorHidden == 0) {
      return List.of();
    }
    MlpLayer first = hiddenLayer(output, predictorHidden);
    MlpLayer last =
        switch (kind) {
          case BYOL -> last(predictorHidden, false, Norm.NONE);
          case SIMSIAM, NNCLR -> last(predictorHidden, true, Norm.NONE);
          case MOCOV3 ->
              last(predictorHidden, false, backbone instanceof VitShape ? Norm.PLAIN : Norm.NONE);
          case SIMCLR -> throw new IllegalStateException("SimCLR has no predictor");
        };
    return List.of(first, last);
  }

  private List<MlpLayer> three(int dim, Norm lastNorm) {
    return List.of(
        hiddenLayer(dim, hidden), hiddenLayer(hidden, hidden), last(hidden, false, lastNorm));
  }

  private static MlpLayer hiddenLayer(int inputs, int outputs) {
    return new MlpLayer(inputs, outputs, false, Norm.AFFINE, true);
  }

  private MlpLayer last(int inputs, boolean bias, Norm norm) {
    return new MlpLayer(inputs, output, bias, norm, false);
  }
}
