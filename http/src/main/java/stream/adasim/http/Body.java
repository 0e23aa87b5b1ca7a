package stream.adasim.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.OptionalLong;

/** Bodies of requests and answers. */
public final class Body {
  private static final String JSON = "application/json";

  private Body() {}

  /** Sends a JSON document. */
  public static void json(ServerResponse response, byte[] document) {
    send(response, JSON, document);
  }

  public static void send(ServerResponse response, String mediaType, byte[] body) {
    response.header(HeaderNames.CONTENT_TYPE, mediaType);
    response.send(body);
  }

  /**
   * The body of a request that must be JSON: what a page in a browser sends to a strange site
   * without being asked is not.
   *
   * @throws ProblemException 415 where it is something else, 413 where it is larger than {@link
   *     HttpServer#MAX_BODY}
   */
  public static byte[] json(ServerRequest request) {
    String found =
        request.headers().contentType().map(type -> type.mediaType().text()).orElse("nothing");
    if (!found.equals(JSON)) {
      throw new ProblemException(
          new Problem(
              415,
              "Content-Type: found %s, expected %s; with curl add -H 'Content-Type: %s'"
                  .formatted(found, JSON, JSON)));
    }
    return bytes(request);
  }

  /**
   * 413: a body has more bytes than it may have.
   *
   * @param max bytes that it may have
   */
  public static ProblemException tooLarge(long max) {
    return new ProblemException(
        new Problem(413, "the body has more than %d bytes; send less".formatted(max)));
  }

  /**
   * Refuses a body that says that it is larger.
   *
   * @throws ProblemException 413 where it does
   */
  static void refuseLarger(ServerRequest request, long max) {
    OptionalLong announced = request.headers().contentLength();
    if (announced.isPresent() && announced.getAsLong() > max) {
      throw tooLarge(max);
    }
  }

  private static byte[] bytes(ServerRequest request) {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream body = request.content().inputStream()) {
      byte[] bytes = body.readNBytes(HttpServer.MAX_BODY + 1);
      if (bytes.length > HttpServer.MAX_BODY) {
        throw tooLarge(HttpServer.MAX_BODY);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void problem(ServerResponse response, Problem problem) {
    response.status(problem.status());
    if (problem.retryAfter().isPositive()) {
      long seconds = Math.max(1, problem.retryAfter().toSeconds());
      response.header(HeaderNames.RETRY_AFTER, Long.toString(seconds));
    }
    send(response, Problem.MEDIA_TYPE, problem.json());
  }
}
