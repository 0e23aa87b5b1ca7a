package stream.adasim.indexer.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import stream.adasim.http.Body;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;
import stream.adasim.http.Route;
import stream.adasim.indexer.query.RefusedException;

/** The paths of openapi.yaml, apart from those that every service has. */
final class QueryRoutes {
  private static final String EMBEDDING = "/v1/images/{id}/embedding";
  private static final String NEIGHBOURS = "/v1/images/{id}/neighbours";
  static final String SEARCH = "/v1/search";
  private static final String OPENAPI = "openapi.yaml";
  private static final Pattern PARTITIONS = Pattern.compile("\\d{1,6}(,\\d{1,6})*");

  /** Null until there is somebody to ask: the server listens before Kafka Streams starts. */
  private final AtomicReference<@Nullable Answers> answers = new AtomicReference<>();

  private final Supplier<byte[]> stats;

  /**
   * @param stats a JSON document
   */
  QueryRoutes(Supplier<byte[]> stats) {
    this.stats = stats;
  }

  void serve(Answers whoAnswers) {
    answers.set(whoAnswers);
  }

  List<Route> routes() {
    byte[] openApi = openApi();
    return List.of(
        Route.get(EMBEDDING, image(EMBEDDING, Answers::embedding)),
        Route.get(NEIGHBOURS, image(NEIGHBOURS, Answers::neighbours)),
        Route.post(SEARCH, answering(QueryRoutes::search)),
        Route.get("/v1/stats", (request, response) -> Body.json(response, stats.get())),
        Route.get(
            "/" + OPENAPI,
            (request, response) -> Body.send(response, "application/yaml", openApi)));
  }

  /** The path of an image's embedding, escaped. */
  static String embeddingOf(String id) {
    return EMBEDDING.replace("{id}", URLEncoder.encode(id, UTF_8).replace("+", "%20"));
  }

  private static Answers.Answer search(Answers open, ServerRequest request) {
    boolean forwarded = isForwarded(request);
    SearchRequest search = SearchRequest.parse(Body.json(request), forwarded);
    return forwarded ? open.searchHere(search, partitions(request)) : open.search(search);
  }

  private static List<Integer> partitions(ServerRequest request) {
    String text = request.headers().value(HeaderNames.create(Peers.PARTITIONS)).orElse("nothing");
    if (!PARTITIONS.matcher(text).matches()) {
      throw Problem.badRequest(
          "%s: found '%s', expected numbers of partitions, separated by commas"
              .formatted(Peers.PARTITIONS, text));
    }
    return Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
  }

  private interface ImageQuestion {
    Answers.Answer ask(Answers open, String id, String rawPath, boolean forwarded);
  }

  private interface Question {
    Answers.Answer ask(Answers open, ServerRequest request);
  }

  private Handler image(String path, ImageQuestion question) {
    return answering(
        (open, request) ->
            question.ask(
                open,
                Route.parameter(path, request),
                request.prologue().uriPath().rawPath(),
                isForwarded(request)));
  }

  private Handler answering(Question question) {
    return (request, response) -> {
      Answers open = answers.get();
      if (open == null) {
        throw Problem.unavailable("the service is starting; ask again", Duration.ofSeconds(1));
      }
      try {
        send(response, question.ask(open, request));
      } catch (RefusedException e) {
        throw problem(e);
      }
    };
  }

  private static void send(ServerResponse response, Answers.Answer answer) {
    response.status(answer.status());
    if (answer.status() == 200) {
      Body.json(response, answer.document());
    } else {
      if (answer.status() == 503) {
        response.header(HeaderNames.RETRY_AFTER, "1");
      }
      Body.send(response, Problem.MEDIA_TYPE, answer.document());
    }
  }

  private static boolean isForwarded(ServerRequest request) {
    return request.headers().contains(HeaderNames.create(Peers.FORWARDED));
  }

  private static ProblemException problem(RefusedException e) {
    String why = Objects.requireNonNullElse(e.getMessage(), "not now; ask again");
    return switch (e.reason()) {
      case MOVING -> Problem.unavailable(why, Duration.ofSeconds(2));
      case LATE -> Problem.unavailable(why, Duration.ofSeconds(1));
      case BUSY -> new ProblemException(new Problem(429, why, Duration.ofSeconds(1)));
    };
  }

  private static byte[] openApi() {
    try (InputStream in = QueryRoutes.class.getResourceAsStream(OPENAPI)) {
      return Objects.requireNonNull(in, OPENAPI).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(OPENAPI + " cannot be read from the jar", e);
    }
  }
}
