package stream.adasim.schemas.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;

/** What needs a broker is tested where there is one. */
final class TopicCatalogueTest {
  private static Connection with(Map<String, String> flags) {
    return Connection.from(
        Settings.load(Connection.define(new ConfigDef()), null, Map.of(), flags));
  }

  @Test
  void putsThePrefixBeforeEveryName() {
    TopicCatalogue catalogue = new TopicCatalogue(with(Map.of("topic.prefix", "lab.")));
    assertThat(catalogue.name(Topic.IMAGES_DEAD_LETTER)).isEqualTo("lab.images.dead-letter");
    assertThat(catalogue.partitions(Topic.IMAGES)).isEqualTo(4);
  }

  @Test
  @Timeout(20)
  void saysInOneLineThatNoBrokerAnswers() throws IOException {
    int closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = socket.getLocalPort();
    }
    Connection connection = with(Map.of("bootstrap.servers", "127.0.0.1:" + closed));
    try (Admin admin = Admin.create(connection.admin())) {
      TopicCatalogue catalogue = new TopicCatalogue(connection, Duration.ofMillis(500));
      assertThatThrownBy(() -> catalogue.ensure(admin))
          .isInstanceOf(CatalogueException.class)
          .hasMessageContaining("no broker answered at bootstrap.servers=127.0.0.1:" + closed)
          .hasMessageContaining("within 500 ms")
          .message()
          .hasLineCount(1);
    }
  }
}
