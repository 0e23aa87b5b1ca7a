package stream.adasim.schemas.registry;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;

/**
 * One URL of the registry.
 *
 * @param base without user and password, without a slash at the end
 * @param authorization value of the header, or null for none
 */
record RegistryAddress(String base, @Nullable String authorization) {

  /** All addresses that a configuration by Confluent's names tells of, in order. */
  static List<RegistryAddress> of(Map<String, ?> config) {
    Object source = config.get(Connection.CREDENTIALS_SOURCE);
    if (source != null && !List.of("USER_INFO", "URL").contains(source.toString())) {
      throw new ConfigException(Connection.CREDENTIALS_SOURCE, source, "expected USER_INFO or URL");
    }
    String userInfo = "URL".equals(source) ? "" : text(config.get(Connection.USER_INFO));
    List<RegistryAddress> addresses = new ArrayList<>();
    for (String url : urls(config.get(Connection.REGISTRY_URL))) {
      addresses.add(parse(url, userInfo));
    }
    if (addresses.isEmpty()) {
      throw new ConfigException(Connection.REGISTRY_URL + " is empty; expected one URL or more");
    }
    return List.copyOf(addresses);
  }

  private static RegistryAddress parse(String url, String userInfo) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      // The exception itself quotes the URL with its password.
      throw badUrl(url);
    }
    String host = uri.getHost();
    if (host == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
      throw badUrl(url);
    }
    String user = userInfo.isEmpty() ? text(uri.getUserInfo()) : userInfo;
    String path = text(uri.getRawPath()).replaceAll("/+$", "");
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return new RegistryAddress(
        uri.getScheme() + "://" + host + port + path, user.isEmpty() ? null : basic(user));
  }

  private static ConfigException badUrl(String url) {
    return new ConfigException(
        "%s: found '%s', expected http://host:port/path or https://..."
            .formatted(Connection.REGISTRY_URL, Settings.withoutUserInfo(url)));
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> urls(@Nullable Object value) {
    if (value instanceof Collection<?> many) {
      return many.stream().map(String::valueOf).map(String::strip).toList();
    }
    return Arrays.stream(text(value).split(",", -1))
        .map(String::strip)
        .filter(url -> !url.isEmpty())
        .toList();
  }

  private static String text(@Nullable Object value) {
    if (value instanceof Password password) {
      return text(password.value());
    }
    return value == null ? "" : value.toString();
  }

  /** The base alone: the credentials stay out of every message. */
  @Override
  public String toString() {
    return base;
  }
}
