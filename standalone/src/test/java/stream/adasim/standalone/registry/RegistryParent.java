package stream.adasim.standalone.registry;

import java.nio.file.Path;

/** A process that starts a registry and waits to be killed. */
final class RegistryParent {

  private RegistryParent() {}

  /** Takes the folder of the log, the broker's address and the distribution. */
  public static void main(String[] args) throws InterruptedException {
    RegistryProcess registry =
        RegistryProcess.start(Path.of(args[2]), Path.of(args[0]), 0, args[1]);
    System.out.println(registry.pid());
    System.out.println(registry.url());
    Thread.sleep(Long.MAX_VALUE);
  }
}
