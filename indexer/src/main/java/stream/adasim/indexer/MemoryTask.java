package stream.adasim.indexer;

import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Representation;
import stream.adasim.avro.RepresentationKind;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Model;

/**
 * One partition of a memory that isn't sharded: arrivals become embeddings, visits vote and become
 * neighbourhoods, deletions remove both. Every record is checked in full before it changes
 * anything.
 *
 * <p>Visits wait for the search of a batch, which reads the bank before any of them is written. An
 * image never waits twice: what comes next about it is taken once it is answered.
 */
final class MemoryTask {
  private final Batching batching;
  private final Bank bank;
  private final SearchBatch batch;
  private final RepresentationCheck check;
  private final Publications publications;
  private final Votes votes;
  private final Shelf shelf;
  private final Waiting waiting;

  MemoryTask(
      IndexerTopology.Parts parts, SearchBatch batch, ProcessorContext<String, Object> context) {
    MemoryConfig config = parts.config();
    int partition = context.taskId().partition();
    this.batching = parts.batching();
    this.bank = parts.banks().of(partition);
    this.batch = batch;
    this.check = new RepresentationCheck(context);
    this.publications = new Publications(context, parts.retention());
    this.votes = Votes.of(config, context);
    this.shelf =
        new Shelf(
            Entries.of(context.<KeyValueStore<String, byte[]>>getStateStore(config.bankStore())),
            bank.store(partition),
            config.perStore(),
            parts.banks().models());
    this.waiting =
        new Waiting(
            context.getStateStore(config.waitingStore()), batch, context::currentSystemTimeMs);
  }

  /**
   * Takes one record.
   *
   * @return why it changed nothing, or null if it is or will be carried out
   * @throws BadRecordException if it cannot be used; nothing has changed then
   */
  @Nullable Drop process(Record<String, Representation> message, long offset) {
    check.complete(message);
    batch.awaitBank();
    apply();
    if (message.value().getKind() != RepresentationKind.ARRIVAL
        && waiting.contains(message.key())) {
      search();
    }
    return switch (message.value().getKind()) {
      case ARRIVAL -> arrival(message);
      case VISIT -> visit(message, offset);
      case DELETION -> deletion(message);
    };
  }

  private @Nullable Drop arrival(Record<String, Representation> message) {
    Representation value = message.value();
    check.unit(
        message, "vector", value.getVector(), batch.dimension(Model.hash(value.getModelId())));
    return publications.arrival(message);
  }

  private @Nullable Drop visit(Record<String, Representation> message, long offset) {
    Representation value = message.value();
    int dimension = batch.dimension(Model.hash(value.getModelId()));
    float[] vector = check.unit(message, "vector", value.getVector(), dimension);
    float[] query = check.query(message, vector);
    if (publications.deleted(message.key(), value.getSourceOffset())) {
      return Drop.DELETED;
    }
    Visit visit = Visit.of(message.key(), value, offset, message.timestamp());
    if (votes.counted(visit.id(), visit.visited())) {
      return Drop.COUNTED;
    }
    waiting.add(new Ask.Question(0, visit, vector, query));
    if (batch.size() >= batching.size()) {
      search();
    }
    return null;
  }

  private @Nullable Drop deletion(Record<String, Representation> message) {
    Drop drop = publications.deletion(message);
    if (drop == null) {
      shelf.forget(message.key());
      votes.forget(message.key());
    }
    return drop;
  }

  /** Answers what was searched, and searches for what has waited long enough. */
  void look(long now) {
    apply();
    if (batch.waited(batching.longest(), now)) {
      search();
    }
  }

  /** Searches for what waits in all partitions; each writes its own in a turn of its own. */
  private void search() {
    batch.search();
    apply();
  }

  private void apply() {
    waiting.answered(this::answer);
  }

  private void answer(SearchBatch.Pending pending) {
    Visit visit = pending.question().visit();
    boolean voted =
        votes.count(visit, pending.present() ? pending.found() : null, bank.hubness(visit.id()));
    if (voted) {
      bank.voted(visit.id(), pending.found());
    }
    for (KeyValue<String, Evicted> gone : shelf.remember(visit, pending.question().vector())) {
      votes.evicted(gone.key, gone.value, visit.timestamp());
    }
  }

  void close() {
    waiting.close();
  }

  String coordinates() {
    return check.coordinates();
  }
}
