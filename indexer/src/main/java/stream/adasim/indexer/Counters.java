package stream.adasim.indexer;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts records. Thread-safe. */
final class Counters {
  /** Key under which Kafka Streams hands these to the handlers that it makes. */
  static final String CONFIG = "adasim.indexer.counters";

  private static final Logger LOG = LoggerFactory.getLogger(Counters.class);

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

  /** A record was carried out, or changed nothing for a reason. */
  void done(@Nullable Drop drop, String key, String coordinates) {
    LongAdder adder = drop == null ? processed : dropped.getOrDefault(drop, processed);
    adder.increment();
    if (drop != null) {
      LOG.debug("dropped reason={} key={} at={}", drop, key, coordinates);
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
