package stream.adasim.standalone.evaluate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was measured of one representation.
 *
 * @param name such as trained, untrained, raw pixels
 * @param dim length of its vectors
 * @param rankMe null where vectors are longer than {@link Measures#MOST_DIMENSIONS}
 * @param alignment null where views can't be made
 */
public record Subject(
    String name,
    int dim,
    List<Score> scores,
    @Nullable Double rankMe,
    @Nullable Double alignment,
    double uniformity) {
  public Subject {
    scores = List.copyOf(scores);
  }
}
