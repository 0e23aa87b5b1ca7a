package stream.adasim.learner.network;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * DINO's head (Caron et al. 2021): three linear layers, unit length, products with unit prototypes.
 *
 * @param hidden width of the two hidden layers
 * @param bottleneck width of the unit vectors that the prototypes are compared with
 * @param prototypes number of logits, K
 */
public record PrototypeHead(int hidden, int bottleneck, int prototypes) implements HeadShape {

  /**
   * @throws IllegalArgumentException if a number is below 1
   */
  public PrototypeHead {
    Numbers.positive("headHidden", hidden);
    Numbers.positive("headBottleneck", bottleneck);
    Numbers.positive("prototypes", prototypes);
  }

  static PrototypeHead of(Map<String, String> map) {
    return new PrototypeHead(
        Numbers.number(map, "headHidden"),
        Numbers.number(map, "headBottleneck"),
        Numbers.number(map, "prototypes"));
  }

  @Override
  public Map<String, String> toMap() {
    var map = new LinkedHashMap<String, String>();
    map.put("headHidden", Integer.toString(hidden));
    map.put("headBottleneck", Integer.toString(bottleneck));
    map.put("prototypes", Integer.toString(prototypes));
    return map;
  }
}
