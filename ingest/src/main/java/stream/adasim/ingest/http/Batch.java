package stream.adasim.ingest.http;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;

/**
 * Many images in one request. Each is sent as soon as it was read, so that one at a time is held;
 * when the last one was read, all are waited for.
 */
final class Batch {
  static final int MAX_IMAGES = 1000;
  private static final String METADATA = "metadata";
  private static final String IMAGE = "image";
  private static final int MAX_METADATA = 1 << 20;

  private final Intake intake;
  private final ImageBody body;
  private final Budget.Share share;
  private final List<Step> steps = new ArrayList<>();
  private List<Details> details = List.of();
  private boolean described;

  /** An image that is on its way, or that was refused before. */
  private sealed interface Step {
    record Waiting(Intake.Sent sent) implements Step {}

    record Done(Outcome outcome) implements Step {}
  }

  Batch(Intake intake, ImageBody body, Budget.Share share) {
    this.intake = intake;
    this.body = body;
    this.share = share;
  }

  /**
   * Reads all parts and waits for Kafka.
   *
   * @return what became of the images, in their order
   * @throws ProblemException 400 where the request is not as it should be; images before that place
   *     may have been taken
   */
  List<Outcome> run(Multipart parts) throws IOException {
    for (Multipart.Part part = parts.next(); part != null; part = parts.next()) {
      if (part.name().equals(METADATA)) {
        describe(part);
      } else if (part.file() || part.name().equals(IMAGE)) {
        steps.add(take(part));
      } else {
        throw Problem.badRequest(
            "found the field '%s', expected '%s' and files".formatted(part.name(), METADATA));
      }
      share.release();
      if (steps.size() > MAX_IMAGES) {
        throw Problem.badRequest("found more than %d images; send less".formatted(MAX_IMAGES));
      }
    }
    if (steps.isEmpty()) {
      throw Problem.badRequest("found no image, expected at least one part with a file");
    }
    if (details.size() > steps.size()) {
      throw Problem.badRequest(
          "metadata: found %d entries, expected one for each of %d images at most"
              .formatted(details.size(), steps.size()));
    }
    return steps.stream().map(this::finish).toList();
  }

  private void describe(Multipart.Part part) throws IOException {
    if (described || !steps.isEmpty()) {
      throw Problem.badRequest(
          "found 'metadata' after other parts, expected it once, as the first");
    }
    described = true;
    byte[] document = new ImageBody(MAX_METADATA).read(part.content(), OptionalLong.empty(), share);
    details = Details.list(document);
  }

  private Step take(Multipart.Part part) throws IOException {
    Details said = steps.size() < details.size() ? details.get(steps.size()) : Details.NONE;
    try {
      byte[] bytes = body.read(part.content(), OptionalLong.empty(), share);
      return new Step.Waiting(intake.send(bytes, said));
    } catch (ProblemException e) {
      part.content().close(); // passes over what is left of it
      return new Step.Done(intake.refused(said.id(), e.problem()));
    }
  }

  private Outcome finish(Step step) {
    return switch (step) {
      case Step.Waiting(Intake.Sent sent) -> intake.await(sent);
      case Step.Done(Outcome outcome) -> outcome;
    };
  }
}
