package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.indexer.memory.Bank;

/**
 * Second step of a memory with shards: one shard answers questions, batch by batch, and then
 * remembers the vectors that are its own. The bank is read before any vector of the batch is
 * written, and an image never waits twice.
 */
final class ShardProcessor implements Processor<String, Ask, String, Answer> {
  private static final Logger LOG = LoggerFactory.getLogger(ShardProcessor.class);

  private final IndexerTopology.Parts parts;
  private @Nullable Task task;

  ShardProcessor(IndexerTopology.Parts parts) {
    this.parts = parts;
  }

  @Override
  public void init(ProcessorContext<String, Answer> context) {
    int shard = context.taskId().partition();
    parts.banks().restored(shard);
    Task opened = new Task(parts, shard, context);
    task = opened;
    context.schedule(
        parts.batching().betweenLooks(), PunctuationType.WALL_CLOCK_TIME, opened::look);
  }

  @Override
  public void process(Record<String, Ask> message) {
    requireNonNull(task, "init comes first").process(message.key(), message.value());
  }

  private static final class Task {
    private final int shard;
    private final Batching batching;
    private final ProcessorContext<String, Answer> context;
    private final Bank bank;
    private final SearchBatch batch;
    private final Shelf shelf;
    private final Waiting waiting;

    Task(IndexerTopology.Parts parts, int shard, ProcessorContext<String, Answer> context) {
      MemoryConfig config = parts.config();
      this.shard = shard;
      this.batching = parts.batching();
      this.context = context;
      this.bank = parts.banks().of(shard);
      this.batch = new SearchBatch(bank, 1, config);
      this.shelf =
          new Shelf(
              Entries.of(context.<KeyValueStore<String, byte[]>>getStateStore(config.bankStore())),
              bank.store(shard),
              config.perStore(),
              parts.banks().models());
      this.waiting =
          new Waiting(
              context.getStateStore(config.waitingStore()), batch, context::currentSystemTimeMs);
    }

    void process(String id, Ask ask) {
      if (waiting.contains(id)) {
        search();
      }
      switch (ask) {
        case Ask.Deletion deletion -> shelf.forget(id);
        case Ask.Question question -> {
          waiting.add(question);
          if (batch.size() >= batching.size()) {
            search();
          }
        }
      }
    }

    void look(long now) {
      if (batch.waited(batching.longest(), now)) {
        search();
      }
    }

    private void search() {
      batch.search();
      waiting.answered(this::answer);
    }

    private void answer(SearchBatch.Pending pending) {
      Ask.Question question = pending.question();
      Visit visit = question.visit();
      boolean present = question.own() && pending.present();
      forward(
          visit.id(),
          new Answer.Piece(visit.offset(), shard, present, pending.found()),
          visit.timestamp());
      if (!question.own()) {
        return;
      }
      int dimension = bank.dimension(visit.model());
      if (dimension != 0 && dimension != question.vector().length) {
        LOG.warn(
            "not remembered: found a vector of length {}, expected {} as the model's others have image={}",
            question.vector().length,
            dimension,
            visit.id());
        return;
      }
      for (KeyValue<String, Evicted> gone : shelf.remember(visit, question.vector())) {
        forward(gone.key, gone.value, visit.timestamp());
      }
    }

    private void forward(String id, Answer answer, long timestamp) {
      context.forward(new Record<>(id, answer, timestamp));
    }
  }
}
