package stream.adasim.schemas.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.settings.Connection;

/** Requests to whichever of the registry's addresses answers. Thread-safe. */
final class RegistryHttp implements AutoCloseable {
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";

  /**
   * What a healthy registry answered.
   *
   * @param status below 500
   * @param body JSON; empty text is read as an absent node
   */
  record Answer(String method, String url, int status, JsonNode body) {
    boolean ok() {
      return status / 100 == 2;
    }

    /** The registry's own number for what went wrong; 0 where it gave none. */
    int errorCode() {
      return body.path("error_code").asInt(0);
    }

    String message() {
      return body.path("message").asText("no message");
    }

    @Override
    public String toString() {
      return "%s %s -> %d: %s".formatted(method, url, status, message());
    }
  }

  private final ObjectMapper json = new ObjectMapper();
  private final List<RegistryAddress> addresses;
  private final HttpClient client;
  private final Duration limit;
  // The address that answered last is asked first, so that a dead one costs its wait once.
  private final AtomicInteger first = new AtomicInteger();

  RegistryHttp(List<RegistryAddress> addresses, Duration connectLimit, Duration readLimit) {
    this.addresses = addresses;
    this.client = HttpClient.newBuilder().connectTimeout(connectLimit).build();
    this.limit = connectLimit.plus(readLimit);
  }

  List<RegistryAddress> addresses() {
    return addresses;
  }

  /**
   * Asks one address after the other until one answers with a status below 500 and JSON.
   *
   * @throws RegistryUnavailableException if none does
   * @throws RegistryAccessException on 401 and 403
   */
  Answer send(String method, String path, @Nullable JsonNode body) {
    List<String> failures = new ArrayList<>();
    Throwable last = new IOException("no address");
    int start = first.get();
    for (int i = 0; i < addresses.size(); i++) {
      int index = (start + i) % addresses.size();
      RegistryAddress address = addresses.get(index);
      try {
        Answer answer = exchange(address, method, path, body);
        first.set(index);
        return answer;
      } catch (IOException e) {
        failures.add(address + ": " + reason(e));
        last = e;
      }
    }
    throw new RegistryUnavailableException(
        "%s: none answers %s %s: %s; start the registry or correct the setting"
            .formatted(Connection.REGISTRY_URL, method, path, String.join("; ", failures)),
        last);
  }

  private Answer exchange(
      RegistryAddress address, String method, String path, @Nullable JsonNode body)
      throws IOException {
    String url = address.base() + path;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .header("Accept", MEDIA_TYPE + ", application/json")
            .header("Content-Type", MEDIA_TYPE)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.toString()));
    if (address.authorization() != null) {
      request.header("Authorization", address.authorization());
    }
    HttpResponse<String> response = await(request.build());
    int status = response.statusCode();
    if (status >= 500) {
      throw new IOException("status " + status + " " + shortened(response.body()));
    }
    if (status == 401 || status == 403) {
      throw new RegistryAccessException(
          "%s %s -> %d: %s; correct %s (user:password) or what that user may do"
              .formatted(
                  method,
                  url,
                  status,
                  address.authorization() == null
                      ? "the registry asks for credentials and none are set"
                      : "the registry refuses the credentials",
                  Connection.USER_INFO));
    }
    try {
      JsonNode node = json.readTree(response.body());
      if (node.isMissingNode() && status / 100 == 2) {
        throw new IOException("the answer is empty");
      }
      return new Answer(method, url, status, node);
    } catch (JsonProcessingException e) {
      if (status / 100 == 2) {
        throw new IOException("the answer isn't JSON: " + shortened(response.body()), e);
      }
      // A refusal in other words than the protocol's, such as a proxy's page.
      return new Answer(method, url, status, MissingNode.getInstance());
    }
  }

  /** HttpClient's own limit ends with the header; this one covers the body too. */
  private HttpResponse<String> await(HttpRequest request) throws IOException {
    CompletableFuture<HttpResponse<String>> response =
        client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    try {
      return response.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      response.cancel(true);
      throw new IOException("no answer within " + limit.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      response.cancel(true);
      throw new InterruptException(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw cause instanceof IOException io ? io : new IOException(cause);
    }
  }

  /** The connect exception of the HTTP client has no message of its own. */
  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null || message.isEmpty() ? e.getClass().getSimpleName() : message;
  }

  private static String shortened(String body) {
    String line = body.strip().replaceAll("\\s+", " ");
    return line.length() <= 200 ? line : line.substring(0, 200) + "...";
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
