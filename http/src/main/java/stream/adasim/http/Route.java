package stream.adasim.http;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * One method of one path.
 *
 * @param method {@code GET}, {@code POST}, ...
 * @param path as OpenAPI writes it: {@code /v1/images/{id}/name}, with one parameter at most. It
 *     takes slashes, too, so that ids that are paths need no escapes
 * @param maxBody bytes that a request's body may have: one that announces more is refused with 413
 *     before it is read, and the handler sees to those that announce nothing
 */
public record Route(String method, String path, Handler handler, int maxBody) {
  public static Route get(String path, Handler handler) {
    return new Route("GET", path, handler, HttpServer.MAX_BODY);
  }

  public static Route post(String path, Handler handler) {
    return post(path, handler, HttpServer.MAX_BODY);
  }

  public static Route post(String path, Handler handler, int maxBody) {
    return new Route("POST", path, handler, maxBody);
  }

  public static Route delete(String path, Handler handler) {
    return new Route("DELETE", path, handler, HttpServer.MAX_BODY);
  }

  /** Whether it asks for the token where there is one. */
  boolean guarded() {
    return path.startsWith("/v1/");
  }

  /**
   * The parameter of a request that a route with this path got, exactly as it was meant: the
   * server's own view of the path folds {@code //} and cuts off what follows a semicolon.
   */
  public static String parameter(String path, ServerRequest request) {
    String raw = request.prologue().uriPath().rawPath();
    int prefix = path.indexOf('{');
    int suffix = path.length() - path.indexOf('}') - 1;
    String escaped = raw.substring(prefix, Math.max(prefix, raw.length() - suffix));
    try {
      // A plus sign in a path is one.
      return URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw Problem.badRequest(
          "%s: found '%s', expected percent-encoded UTF-8".formatted(path, escaped));
    }
  }
}
