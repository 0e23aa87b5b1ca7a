package stream.adasim.ingest.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpMediaType;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import stream.adasim.http.Body;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;
import stream.adasim.http.Route;

/** The paths of openapi.yaml, apart from those that every service has. */
final class ImageRoutes {
  private static final String IMAGES = "/v1/images";
  private static final String IMAGE = "/v1/images/{id}";
  private static final String OPENAPI = "openapi.yaml";

  private final Intake intake;
  private final ImageBody body;
  private final Budget budget;
  private final int requestMaxBytes;

  ImageRoutes(Intake intake, ImageBody body, Budget budget, int requestMaxBytes) {
    this.intake = intake;
    this.body = body;
    this.budget = budget;
    this.requestMaxBytes = requestMaxBytes;
  }

  List<Route> routes() {
    byte[] openApi = openApi();
    return List.of(
        Route.post(IMAGES, this::post, Math.max(requestMaxBytes, body.maxBytes())),
        Route.delete(IMAGE, this::delete),
        Route.get(
            "/" + OPENAPI,
            (request, response) -> Body.send(response, "application/yaml", openApi)));
  }

  private void post(ServerRequest request, ServerResponse response) throws IOException {
    refuseOtherSites(request);
    try (Budget.Share share = budget.enter()) {
      Optional<HttpMediaType> type = request.headers().contentType();
      if (type.isPresent() && Multipart.is(type.get())) {
        many(request, response, type.get(), share);
      } else {
        one(request, response, share);
      }
    }
  }

  private void one(ServerRequest request, ServerResponse response, Budget.Share share)
      throws IOException {
    Details details = Details.of(request.query());
    Outcome outcome;
    try {
      outcome = intake.await(intake.send(read(request, share), details));
    } catch (ProblemException e) {
      outcome = intake.refused(details.id(), e.problem());
    }
    switch (outcome) {
      case Outcome.Taken taken -> Body.json(response, bytes(taken.json()));
      case Outcome.Refused refused -> throw new ProblemException(refused.problem());
    }
  }

  private byte[] read(ServerRequest request, Budget.Share share) throws IOException {
    OptionalLong announced = request.headers().contentLength();
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream in = request.content().inputStream()) {
      return body.read(in, announced, share);
    }
  }

  private void many(
      ServerRequest request, ServerResponse response, HttpMediaType type, Budget.Share share)
      throws IOException {
    if (!request.query().names().isEmpty()) {
      throw Problem.badRequest(
          "found a query beside a multipart body; say it in the part 'metadata'");
    }
    List<Outcome> outcomes;
    try (InputStream in = request.content().inputStream()) {
      outcomes = new Batch(intake, body, share).run(Multipart.of(type, in, requestMaxBytes));
    }
    answer(response, outcomes);
  }

  private static void answer(ServerResponse response, List<Outcome> outcomes) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    ArrayNode images = document.putArray("images");
    for (Outcome outcome : outcomes) {
      images.add(outcome.json().put("status", outcome.status()));
    }
    boolean allTaken = outcomes.stream().allMatch(Outcome.Taken.class::isInstance);
    if (outcomes.stream().anyMatch(outcome -> outcome.status() == 429)) {
      response.header(HeaderNames.RETRY_AFTER, "1");
    }
    response.status(allTaken ? 200 : 207);
    Body.json(response, bytes(document));
  }

  private void delete(ServerRequest request, ServerResponse response) {
    refuseOtherSites(request);
    String id = Route.parameter(IMAGE, request);
    Details.checkId("path", id);
    try (Budget.Share _ = budget.enter()) {
      intake.delete(id);
    }
    response.status(204).send();
  }

  /** Pages of strange sites may send forms to here from a browser without asking first. */
  private static void refuseOtherSites(ServerRequest request) {
    String site = request.headers().value(HeaderNames.create("Sec-Fetch-Site")).orElse("none");
    if (!Set.of("none", "same-origin").contains(site)) {
      throw new ProblemException(
          new Problem(403, "found a request of a page of another site, expected none"));
    }
  }

  private static byte[] bytes(ObjectNode document) {
    return document.toString().getBytes(UTF_8);
  }

  private static byte[] openApi() {
    try (InputStream in = ImageRoutes.class.getResourceAsStream(OPENAPI)) {
      return Objects.requireNonNull(in, OPENAPI).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(OPENAPI + " cannot be read from the jar", e);
    }
  }
}
