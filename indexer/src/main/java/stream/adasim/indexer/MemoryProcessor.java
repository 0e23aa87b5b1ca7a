package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.Bank;

/** Gives the records of one partition to its {@link MemoryTask}, and counts them. */
final class MemoryProcessor implements Processor<String, Representation, String, SpecificRecord> {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryProcessor.class);

  private static final Duration PURGE_INTERVAL = Duration.ofHours(1);
  private static final Duration RESTORE_PATIENCE = Duration.ofMinutes(2);

  private final MemoryConfig config;
  private final Bank bank;
  private final Counters counters;
  private final Duration retention;
  private @Nullable MemoryTask task;

  /**
   * @param retention how long {@code representations} are kept: deletions older than that are
   *     forgotten
   */
  MemoryProcessor(MemoryConfig config, Bank bank, Counters counters, Duration retention) {
    this.config = config;
    this.bank = bank;
    this.counters = counters;
    this.retention = retention;
  }

  @Override
  public void init(ProcessorContext<String, SpecificRecord> context) {
    MemoryTask opened = new MemoryTask(config, bank, retention, context);
    task = opened;
    // Kafka Streams initialises a processor only when its stores are restored.
    bank.restored(context.taskId().partition());
    // Stream time, not the clock: a service that was down for long still meets the records that are
    // older than a deletion before it forgets the deletion.
    context.schedule(PURGE_INTERVAL, PunctuationType.STREAM_TIME, opened::purge);
  }

  @Override
  public void process(Record<String, Representation> message) {
    MemoryTask open = requireNonNull(task, "init comes first");
    counters.read();
    bank.awaitWhole(RESTORE_PATIENCE);
    Drop drop = open.process(message);
    if (drop == null) {
      counters.processed();
    } else {
      counters.dropped(drop);
      LOG.debug("dropped reason={} key={} at={}", drop, message.key(), open.coordinates());
    }
  }
}
