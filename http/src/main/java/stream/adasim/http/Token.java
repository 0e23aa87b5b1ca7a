package stream.adasim.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.security.MessageDigest;
import java.util.Optional;

/** The bearer token (RFC 6750) that a service asks for, or none. */
final class Token {
  private static final String BEARER = "Bearer ";

  private final byte[] expected;

  /**
   * @param token empty where none is asked for
   */
  Token(String token) {
    this.expected = token.getBytes(UTF_8);
  }

  /**
   * Lets a request pass or refuses it, in a time that does not depend on how much of it is right.
   *
   * @throws ProblemException 401 where it brings no token, 403 where it brings another one
   */
  void check(ServerRequest request, ServerResponse response) {
    if (expected.length == 0) {
      return;
    }
    Optional<String> found =
        request
            .headers()
            .value(HeaderNames.AUTHORIZATION)
            .filter(value -> value.regionMatches(true, 0, BEARER, 0, BEARER.length()))
            .map(value -> value.substring(BEARER.length()).strip());
    if (found.isEmpty()) {
      response.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
      throw new ProblemException(
          new Problem(401, "found no token, expected the header Authorization: Bearer TOKEN"));
    }
    if (!MessageDigest.isEqual(expected, found.get().getBytes(UTF_8))) {
      throw new ProblemException(
          new Problem(403, "found another token than this service's http.token"));
    }
  }
}
