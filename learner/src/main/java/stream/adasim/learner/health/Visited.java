package stream.adasim.learner.health;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.adasim.Choice;
import stream.adasim.learner.window.WindowImage;

/**
 * A step's images.
 *
 * @param choices their partners, in the same order
 * @param first unit features of their first views, (B, D), or null where the memory stores those
 * @param vectors what the memory stores of them, (B, D)
 * @param windowImages images in the replay window
 */
@SuppressWarnings("ArrayRecordComponent") // read once, within the step
public record Visited(
    List<WindowImage> images,
    List<Choice> choices,
    float @Nullable [] first,
    float[] vectors,
    int windowImages) {}
