package stream.adasim.standalone.audit;

import java.util.ArrayList;
import java.util.List;

/** What is not as promised: how often, and the first few in words. Not thread-safe. */
final class Faults {
  private static final int EXAMPLES = 5;

  private long count;
  private final List<String> examples = new ArrayList<>();

  void add(String fault) {
    count++;
    if (examples.size() < EXAMPLES) {
      examples.add(fault);
    }
  }

  long count() {
    return count;
  }

  List<String> examples() {
    return List.copyOf(examples);
  }
}
