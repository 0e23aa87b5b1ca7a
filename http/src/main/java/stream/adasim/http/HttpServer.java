package stream.adasim.http;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers over HTTP/1.1, each request on a virtual thread of its own; times every request, and
 * answers whatever goes wrong with a {@link Problem}.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** Bytes that a request's body may have where its route says nothing else. */
  public static final int MAX_BODY = 1 << 20;

  // Of a body that is too large, so much more is read and thrown away: a client that is still
  // sending
  // when its connection is closed loses the answer which says why.
  private static final int MAX_DISCARDED = 16 << 20;

  private static final int MAX_CONNECTIONS = 1024;
  private static final Duration IDLE = Duration.ofMinutes(1);
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final HttpConfig config;
  private final WebServer server;

  private HttpServer(HttpConfig config, WebServer server) {
    this.config = config;
    this.server = server;
  }

  /**
   * Listens from now on, and says so in the log.
   *
   * @throws HttpStartException if it cannot listen there
   */
  public static HttpServer start(HttpConfig config, List<Route> routes, MeterRegistry registry) {
    boolean moved = !config.portGiven() && isTaken(config);
    WebServer server;
    try {
      server = listen(config, moved ? 0 : config.port(), routes, registry);
    } catch (HttpStartException e) {
      if (moved || config.portGiven() || !isTaken(config)) {
        throw e;
      }
      // Another service that started at the same moment took it in between.
      moved = true;
      server = listen(config, 0, routes, registry);
    }
    HttpServer started = new HttpServer(config, server);
    LOG.info(
        "event=http.started url={}{}",
        started.url(),
        moved ? " (port " + config.port() + " is taken; http.port chooses one)" : "");
    return started;
  }

  /** Where it listens, for people. */
  public URI url() {
    return URI.create("http://" + bracketed(config.host()) + ":" + server.port());
  }

  public int port() {
    return server.port();
  }

  /** host:port under which others reach it. */
  public String advertised() {
    return config.advertised().isEmpty()
        ? bracketed(reachable(config.host())) + ":" + server.port()
        : config.advertised();
  }

  /** Takes no more requests, and gives those under way two seconds. */
  @Override
  public void close() {
    server.stop();
  }

  private static WebServer listen(
      HttpConfig config, int port, List<Route> routes, MeterRegistry registry) {
    long maxPayload =
        MAX_DISCARDED + routes.stream().mapToLong(Route::maxBody).max().orElse(MAX_BODY);
    WebServer server =
        WebServer.builder()
            .host(config.host())
            .port(port)
            .shutdownHook(false)
            .shutdownGracePeriod(GRACE)
            .maxPayloadSize(maxPayload)
            .maxTcpConnections(MAX_CONNECTIONS)
            .idleConnectionTimeout(IDLE)
            .directHandlers(refusals(maxPayload))
            .routing(routing(config, routes, maxPayload, registry))
            .build();
    try {
      if (server.start().isRunning()) {
        return server;
      }
    } catch (RuntimeException e) {
      throw cannotListen(config, e);
    }
    throw cannotListen(config, null);
  }

  private static HttpRouting.Builder routing(
      HttpConfig config, List<Route> routes, long maxPayload, MeterRegistry registry) {
    Token token = new Token(config.token().value());
    HttpRouting.Builder routing = HttpRouting.builder();
    Map<String, String> methods =
        routes.stream()
            .collect(
                Collectors.groupingBy(
                    Route::path,
                    TreeMap::new,
                    Collectors.mapping(Route::method, Collectors.joining(", "))));
    for (Route route : routes) {
      routing.route(
          Method.create(route.method()),
          pattern(route.path()),
          timed(registry, route.method() + " " + route.path(), checked(token, route)));
    }
    methods.forEach(
        (path, allowed) ->
            routing.any(pattern(path), timed(registry, path, notAllowed(path, allowed))));
    String known = String.join(", ", methods.keySet());
    return routing
        .any(timed(registry, "unknown", (request, response) -> unknown(request, known)))
        .error(
            ProblemException.class, (request, response, e) -> Body.problem(response, e.problem()))
        .error(
            HttpException.class,
            (request, response, e) ->
                Body.problem(
                    response,
                    new Problem(
                        e.status().code(), detail(e.status().code(), e.getMessage(), maxPayload))))
        .error(Throwable.class, HttpServer::failed);
  }

  /** A parameter takes what lies between the fixed ends, slashes included. */
  private static String pattern(String path) {
    return path.replaceAll("\\{(\\w+)}", "{$1:.+}");
  }

  private static Handler checked(Token token, Route route) {
    return (request, response) -> {
      if (route.guarded()) {
        token.check(request, response);
      }
      Body.refuseLarger(request, route.maxBody());
      route.handler().handle(request, response);
    };
  }

  private static Handler timed(MeterRegistry registry, String route, Handler handler) {
    return (request, response) -> {
      long began = System.nanoTime();
      response.whenSent(
          () ->
              registry
                  .timer(
                      "adasim.http.requests",
                      "route",
                      route,
                      "status",
                      Integer.toString(response.status().code()))
                  .record(Duration.ofNanos(System.nanoTime() - began)));
      handler.handle(request, response);
    };
  }

  private static Handler notAllowed(String path, String allowed) {
    return (request, response) -> {
      response.header(HeaderNames.ALLOW, allowed);
      throw new ProblemException(
          new Problem(
              405,
              "%s: found %s, expected %s".formatted(path, request.prologue().method(), allowed)));
    };
  }

  private static void unknown(ServerRequest request, String known) {
    throw Problem.notFound(
        "found %s, expected one of %s".formatted(request.path().rawPath(), known));
  }

  private static String detail(int status, @Nullable String message, long maxPayload) {
    if (status == 413) {
      return Body.tooLarge(maxPayload).problem().detail();
    }
    return message == null ? "the request cannot be read" : message;
  }

  private static void failed(ServerRequest request, ServerResponse response, Throwable e) {
    LOG.error("request failed method={} path={}", request.prologue().method(), request.path(), e);
    Body.problem(response, new Problem(500, "a fault of the service; its log says which"));
  }

  /** What never reaches a route, such as a request line that is none. */
  private static DirectHandlers refusals(long maxPayload) {
    DirectHandler refusal =
        (request, event, status, headers, message) ->
            DirectHandler.TransportResponse.builder()
                .status(status)
                .headers(headers)
                .header(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE)
                .keepAlive(event.keepAlive())
                .entity(
                    new Problem(status.code(), detail(status.code(), message, maxPayload)).json())
                .build();
    DirectHandlers.Builder builder = DirectHandlers.builder();
    for (DirectHandler.EventType event : DirectHandler.EventType.values()) {
      builder.addHandler(event, refusal);
    }
    return builder.build();
  }

  private static boolean isTaken(HttpConfig config) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(config.host(), config.port()));
      return false;
    } catch (BindException e) {
      return true;
    } catch (IOException e) {
      throw cannotListen(config, e);
    }
  }

  private static HttpStartException cannotListen(HttpConfig config, @Nullable Exception e) {
    return new HttpStartException(
        "http.host=%s http.port=%d: cannot listen there%s; choose another port, 0 for any, or http.enabled=false"
            .formatted(config.host(), config.port(), e == null ? "" : " (" + e.getMessage() + ")"),
        e);
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /** A name for this machine where the interface is all of them. */
  private static String reachable(String host) {
    try {
      return InetAddress.getByName(host).isAnyLocalAddress()
          ? InetAddress.getLocalHost().getHostName()
          : host;
    } catch (UnknownHostException e) {
      return host;
    }
  }
}
