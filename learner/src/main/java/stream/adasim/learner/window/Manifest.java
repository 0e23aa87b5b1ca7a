package stream.adasim.learner.window;

import java.util.SortedMap;

/**
 * What a restored window waits for.
 *
 * @param images how many images the window held
 * @param firstOffsets per partition of the images topic, the lowest offset of an image that the
 *     window held: where to read again from
 */
public record Manifest(int images, SortedMap<Integer, Long> firstOffsets) {}
