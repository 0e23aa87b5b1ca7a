package stream.adasim.standalone.registry;

import java.io.IOException;

/**
 * The first class of the registry's process. It ends the process when standard input ends, which
 * the operating system sees to even when the parent is killed, and hands over to Quarkus.
 */
final class RegistryMain {

  private RegistryMain() {}

  public static void main(String[] args) throws ReflectiveOperationException {
    Thread.ofPlatform().daemon().name("parent-watch").start(RegistryMain::endWithParent);
    // By name: the registry's classes are on this process's class path, not on the build's.
    Class.forName("io.quarkus.bootstrap.runner.QuarkusEntryPoint")
        .getMethod("main", String[].class)
        .invoke(null, (Object) args);
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        // The parent never writes; only the end matters.
      }
    } catch (IOException e) {
      // A broken pipe says the same as its end.
    }
    // Not exit: an orderly end waits for a broker that has gone with the parent. Whatever the
    // registry acknowledged lies in the broker already.
    Runtime.getRuntime().halt(0);
  }
}
