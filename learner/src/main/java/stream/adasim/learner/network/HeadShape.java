package stream.adasim.learner.network;

import java.util.Map;

/** What the part of a network looks like by whose outputs an objective compares features. */
public sealed interface HeadShape permits PrototypeHead, MlpHead {

  /** All that {@link #of} needs to build an equal shape. */
  Map<String, String> toMap();

  /**
   * The shape that {@link #toMap} wrote.
   *
   * @throws IllegalArgumentException naming the entry that is missing, malformed or doesn't fit
   */
  static HeadShape of(Map<String, String> map) {
    return map.containsKey(MlpHead.KEY) ? MlpHead.of(map) : PrototypeHead.of(map);
  }
}
