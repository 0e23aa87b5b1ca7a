package stream.adasim.indexer;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts records. Thread-safe. */
final class Counters {
  /** Key under which Kafka Streams hands these to the handlers that it makes. */
  static final String CONFIG = "adasim.indexer.counters";

  private final LongAdder read = new LongAdder();
  private final LongAdder processed = new LongAdder();
  private final LongAdder deadLettered = new LongAdder();
  private final Map<Drop, LongAdder> dropped = new EnumMap<>(Drop.class);

  Counters() {
    for (Drop reason : Drop.values()) {
      dropped.put(reason, new LongAdder());
    }
  }

  static Counters of(Map<String, ?> configs) {
    if (configs.get(CONFIG) instanceof Counters counters) {
      return counters;
    }
    throw new IllegalArgumentException(CONFIG + " must be set to the counters of the application");
  }

  void read() {
    read.increment();
  }

  void processed() {
    processed.increment();
  }

  void dropped(Drop reason) {
    LongAdder adder = dropped.get(reason);
    if (adder != null) {
      adder.increment();
    }
  }

  void deadLettered() {
    deadLettered.increment();
  }

  Counts counts() {
    Map<Drop, Long> drops = new EnumMap<>(Drop.class);
    dropped.forEach((reason, adder) -> drops.put(reason, adder.sum()));
    return new Counts(read.sum(), processed.sum(), drops, deadLettered.sum());
  }
}
