package stream.adasim.learner.trainer;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A batch ready for a step. Views are planar, normalised, one after the other (B * 3 * S * S).
 *
 * @param local local views of the images: the first of all, then the second, and so on
 * @param stored views whose features go into the memory; the first views where votes are faithful
 * @param query views that search the memory; the stored ones where they do not differ
 * @param decodings how many images had to be decoded for it: those whose pixels the window has no
 *     room for
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, from builder to step
record Batch(
    List<Pair> pairs,
    float[] first,
    float[] second,
    float[] local,
    float[] stored,
    float[] query,
    AtomicInteger decodings) {}
