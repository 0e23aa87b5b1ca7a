package stream.adasim.indexer.http;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.streams.state.HostInfo;
import stream.adasim.indexer.query.RefusedException;
import stream.adasim.indexer.query.RefusedException.Reason;

/** Asks other instances. What is asked so is marked, and they ask nobody else. */
final class Peers implements AutoCloseable {
  /** Its value is who asks; a request that has it is answered from here or not at all. */
  static final String FORWARDED = "Adasim-Forwarded-By";

  /** The partitions of the memory that a forwarded search is about, separated by commas. */
  static final String PARTITIONS = "Adasim-Partitions";

  private final HostInfo self;
  private final Duration timeout;
  private final Password token;
  private final HttpClient client;

  /**
   * @param token that all instances share; empty where they ask for none
   */
  Peers(HostInfo self, Duration timeout, Password token) {
    this.self = self;
    this.timeout = timeout;
    this.token = token;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .build();
  }

  /** The peer's answer, whatever its status. */
  HttpResponse<byte[]> get(HostInfo peer, String rawPath) {
    return answer(peer, send(request(peer, rawPath).GET().build()));
  }

  /** Asks at once for what some partitions of the memory have; {@link #answer} waits. */
  CompletableFuture<HttpResponse<byte[]>> search(
      HostInfo peer, List<Integer> partitions, byte[] json) {
    return send(
        request(peer, QueryRoutes.SEARCH)
            .header(
                PARTITIONS,
                partitions.stream().map(String::valueOf).collect(Collectors.joining(",")))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(json))
            .build());
  }

  /**
   * Waits for a peer.
   *
   * @throws RefusedException if it does not answer in time
   */
  HttpResponse<byte[]> answer(HostInfo peer, CompletableFuture<HttpResponse<byte[]>> sent) {
    try {
      return sent.join();
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof IOException)) {
        throw e;
      }
      throw new RefusedException(
          Reason.MOVING,
          "the instance at %s:%d, which holds what was asked for, does not answer (%s); ask again, and look at http.advertised there if this stays"
              .formatted(peer.host(), peer.port(), e.getCause()));
    }
  }

  private HttpRequest.Builder request(HostInfo peer, String rawPath) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + peer.host() + ":" + peer.port() + rawPath))
            .timeout(timeout)
            .header(FORWARDED, self.host() + ":" + self.port());
    return token.value().isEmpty()
        ? request
        : request.header("Authorization", "Bearer " + token.value());
  }

  private CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request) {
    return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
