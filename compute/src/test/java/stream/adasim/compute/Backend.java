package stream.adasim.compute;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The backends that every kernel is tested on; each is opened once and left open. */
enum Backend {
  ND4J("nd4j"),
  ONEDNN("onednn");

  private static final Map<String, Kernels> OPEN = new ConcurrentHashMap<>();

  private final String name;

  Backend(String name) {
    this.name = name;
  }

  Kernels kernels() {
    return OPEN.computeIfAbsent(name, wanted -> Backends.open(wanted, 0));
  }
}
