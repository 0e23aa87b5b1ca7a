package stream.adasim.learner.embedder;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an embedder leaves with its committed offset, so that the next owner of the partition knows
 * whether embeddings are stale.
 *
 * @param modelId the model that embedded last
 * @param version its newest version that was used or measured
 * @param sweptTo next offset of an unfinished sweep, -1 where none is under way
 */
record SweepState(String modelId, long version, long sweptTo) {
  private static final Pattern FORM = Pattern.compile("model=(\\S+) version=(\\d+) sweep=(-?\\d+)");

  String encode() {
    return "model=" + modelId + " version=" + version + " sweep=" + sweptTo;
  }

  /** Empty where the metadata is not ours, as after a reset of the group's offsets. */
  static Optional<SweepState> decode(String metadata) {
    Matcher matcher = FORM.matcher(metadata);
    return matcher.matches()
        ? Optional.of(
            new SweepState(
                matcher.group(1),
                Long.parseLong(matcher.group(2)),
                Long.parseLong(matcher.group(3))))
        : Optional.empty();
  }
}
