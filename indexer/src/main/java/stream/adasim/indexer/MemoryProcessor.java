package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Representation;

/** Gives the records of one partition to its {@link MemoryTask}, and counts them. */
final class MemoryProcessor implements Processor<String, Representation, String, Object> {
  private final IndexerTopology.Parts parts;
  private final SearchBatch batch;
  private @Nullable ProcessorContext<String, Object> context;
  private @Nullable MemoryTask task;

  /**
   * @param batch shared by all partitions of the instance
   */
  MemoryProcessor(IndexerTopology.Parts parts, SearchBatch batch) {
    this.parts = parts;
    this.batch = batch;
  }

  @Override
  public void init(ProcessorContext<String, Object> newContext) {
    context = newContext;
    MemoryTask opened = new MemoryTask(parts, batch, newContext);
    task = opened;
    // Kafka Streams initialises a processor only when its stores are restored.
    parts.banks().restored(newContext.taskId().partition());
    newContext.schedule(
        parts.batching().betweenLooks(), PunctuationType.WALL_CLOCK_TIME, opened::look);
  }

  @Override
  public void process(Record<String, Representation> message) {
    MemoryTask open = requireNonNull(task, "init comes first");
    long offset =
        requireNonNull(context, "init comes first")
            .recordMetadata()
            .map(RecordMetadata::offset)
            .orElseThrow();
    parts.counters().read();
    parts.counters().done(open.process(message, offset), message.key(), open.coordinates());
  }

  @Override
  public void close() {
    if (task != null) {
      task.close();
    }
  }
}
