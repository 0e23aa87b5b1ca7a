package stream.adasim.standalone.interop;

import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;

/** Defaults, but for the addresses. */
final class TestConnection {
  private TestConnection() {}

  static Connection of(String bootstrapServers, String registryUrl, String prefix) {
    return Connection.from(
        Settings.load(
            Connection.define(new ConfigDef()),
            null,
            Map.of(),
            Map.of(
                Connection.BOOTSTRAP_SERVERS, bootstrapServers,
                Connection.REGISTRY_URL, registryUrl,
                Connection.TOPIC_PREFIX, prefix)));
  }
}
