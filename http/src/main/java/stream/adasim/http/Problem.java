package stream.adasim.http;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Why a request was not served, as RFC 9457 lays it out. The type is the status itself ({@code
 * about:blank}).
 *
 * @param detail what was found, what was expected, what to do
 * @param retryAfter when to ask again; zero where asking again doesn't help
 */
public record Problem(int status, String detail, Duration retryAfter) {
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final JsonMapper JSON = new JsonMapper();

  public Problem(int status, String detail) {
    this(status, detail, Duration.ZERO);
  }

  /** 400: the request itself is wrong. */
  public static ProblemException badRequest(String detail) {
    return new ProblemException(new Problem(400, detail));
  }

  /** 404: what is asked for isn't there. */
  public static ProblemException notFound(String detail) {
    return new ProblemException(new Problem(404, detail));
  }

  /** 503: not now, for a reason that passes. */
  public static ProblemException unavailable(String detail, Duration retryAfter) {
    return new ProblemException(new Problem(503, detail, retryAfter));
  }

  /** Short words for the status. */
  public String title() {
    return Status.create(status).reasonPhrase();
  }

  byte[] json() {
    ObjectNode body = JSON.createObjectNode();
    body.put("title", title()).put("status", status).put("detail", detail);
    return body.toString().getBytes(StandardCharsets.UTF_8);
  }
}
