package stream.adasim.standalone.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * A real Kafka broker and its KRaft controller in this JVM, reachable on the loopback only. What it
 * stores lies in one folder and is there again when the folder is opened the next time; the cluster
 * id stays the same. Retention is Kafka's default (seven days), unless a topic says otherwise.
 *
 * <p>A disk that fails or fills up while the broker runs ends the whole process, as it ends any
 * Kafka broker: nothing more can be promised then.
 */
public final class EmbeddedBroker implements AutoCloseable {

  private static final String LOOPBACK = "127.0.0.1";

  private final BrokerFolder folder;
  private final KafkaRaftServer server;
  private final int port;

  private EmbeddedBroker(BrokerFolder folder, KafkaRaftServer server, int port) {
    this.folder = folder;
    this.server = server;
    this.port = port;
  }

  /**
   * Starts the broker and returns when it accepts clients.
   *
   * @param path where the broker's data lie; made when it does not exist
   * @param port the port of the loopback, or 0 for any free one
   * @param maxMessageBytes the largest record batch that is taken, in bytes
   * @throws BrokerStartException when the port is taken, the folder is used by another process, was
   *     written by a newer version or by something else, or its disk is nearly full
   */
  public static EmbeddedBroker start(Path path, int port, int maxMessageBytes) {
    requireFree(port);
    BrokerFolder folder = BrokerFolder.open(path);
    try {
      int brokerPort = port == 0 ? freePort() : port;
      Map<String, String> settings =
          settings(folder.logs(), brokerPort, freePort(), maxMessageBytes);
      KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
      start(server);
      return new EmbeddedBroker(folder, server, brokerPort);
    } catch (RuntimeException e) {
      folder.close();
      throw new BrokerStartException(
          "The embedded broker cannot start on "
              + path
              + ": "
              + e.getMessage()
              + ". If the folder is damaged, move it away or choose another one with --data.",
          e);
    }
  }

  private static void start(KafkaRaftServer server) {
    try {
      server.startup();
    } catch (RuntimeException e) {
      server.shutdown();
      server.awaitShutdown();
      throw e;
    }
  }

  /** What a client takes as {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return LOOPBACK + ":" + port;
  }

  /** The port of the loopback that clients reach. */
  public int port() {
    return port;
  }

  /** The identity of the cluster, the same for every start on this folder. */
  public String clusterId() {
    return folder.clusterId();
  }

  /** Stops the broker, flushes what it holds and lets go of the folder. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    folder.close();
  }

  /**
   * Checks that a broker can listen on the port.
   *
   * @param port of the loopback, or 0, which always can
   * @throws BrokerStartException when it is taken
   */
  public static void requireFree(int port) {
    if (port == 0) {
      return;
    }
    // Bound as the broker will bind it: with SO_REUSEADDR, so that connections of an earlier run
    // that linger in TIME_WAIT are no obstacle.
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(LOOPBACK), port));
    } catch (IOException e) {
      throw new BrokerStartException(
          "Port "
              + port
              + " of "
              + LOOPBACK
              + " cannot be had for the broker ("
              + e.getMessage()
              + "). Stop what listens there, or choose another port with --kafka-port (0 takes any"
              + " free one).",
          e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(LOOPBACK))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BrokerStartException("No free port on " + LOOPBACK + ": " + e.getMessage(), e);
    }
  }

  private static Map<String, String> settings(
      Path logs, int brokerPort, int controllerPort, int maxMessageBytes) {
    String controller = LOOPBACK + ":" + controllerPort;
    String broker = "BROKER://" + LOOPBACK + ":" + brokerPort;
    Map<String, String> settings = new HashMap<>();
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(BrokerFolder.NODE));
    // The voter is named here and not in the log, so that each start may take another port.
    settings.put("controller.quorum.voters", BrokerFolder.NODE + "@" + controller);
    settings.put("listeners", broker + ",CONTROLLER://" + controller);
    settings.put("advertised.listeners", broker);
    settings.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    settings.put("inter.broker.listener.name", "BROKER");
    settings.put("controller.listener.names", BrokerFolder.CONTROLLER_LISTENER);
    settings.put("log.dirs", logs.toString());

    settings.put("message.max.bytes", Integer.toString(maxMessageBytes));
    settings.put("replica.fetch.max.bytes", Integer.toString(maxMessageBytes));
    // A mistyped topic is an error that its user should see; ours come from the catalogue.
    settings.put("auto.create.topics.enable", "false");
    settings.put("group.initial.rebalance.delay.ms", "0");

    settings.put("default.replication.factor", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("offsets.topic.segment.bytes", "8388608");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("transaction.state.log.segment.bytes", "8388608");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
    settings.put("share.coordinator.state.topic.num.partitions", "1");

    // One machine, a handful of clients: memory matters more than parallel requests.
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("log.cleaner.dedupe.buffer.size", "2097152");
    return settings;
  }
}
