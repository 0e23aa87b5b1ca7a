package stream.adasim.standalone.broker;

import java.nio.file.Path;

/** A process that is a broker and waits to be killed. */
public final class BrokerParent {
  private BrokerParent() {}

  /** Takes the broker's folder and port. */
  public static void main(String[] args) throws InterruptedException {
    EmbeddedBroker.start(Path.of(args[0]), Integer.parseInt(args[1]), 16 << 20);
    Thread.sleep(Long.MAX_VALUE);
  }
}
