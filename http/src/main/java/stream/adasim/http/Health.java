package stream.adasim.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether a service lives (a dead one wants to be restarted) and is ready (one that isn't wants to
 * be left alone for a while): 200, or 503 and the reason.
 *
 * @param dead why it has to be restarted, or empty
 * @param busy why it cannot serve yet, or empty; asked only while it lives
 */
public record Health(Supplier<Optional<String>> dead, Supplier<Optional<String>> busy) {
  private static final byte[] UP = "{\"status\":\"up\"}".getBytes(StandardCharsets.UTF_8);
  private static final Duration RETRY = Duration.ofSeconds(2);

  public List<Route> routes() {
    return List.of(
        Route.get("/health/live", (request, response) -> Body.json(response, up(dead.get()))),
        Route.get(
            "/health/ready", (request, response) -> Body.json(response, up(dead.get().or(busy)))));
  }

  private static byte[] up(Optional<String> reason) {
    reason.ifPresent(
        why -> {
          throw Problem.unavailable(why, RETRY);
        });
    return UP;
  }
}
