package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Model;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.votes.Ring;
import stream.adasim.schemas.wire.Vectors;

/**
 * One partition of the neighbour memory: arrivals become embeddings, visits vote and become
 * neighbourhoods, deletions remove both. Every record is checked in full before it changes
 * anything.
 */
final class MemoryTask {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryTask.class);

  private static final double UNIT_TOLERANCE = 1e-3;

  /**
   * Vectors of an older model that one visit clears away, so that no visit waits for all of them.
   */
  private static final int STALE_PER_VISIT = 16;

  private final MemoryConfig config;
  private final Bank bank;
  private final Duration retention;
  private final ProcessorContext<String, SpecificRecord> context;
  private final KeyValueStore<String, byte[]> memories;
  private final KeyValueStore<String, byte[]> rings;
  private final KeyValueStore<String, byte[]> ends;
  private final KeyValueStore<String, Embedding> published;
  private final BankStore bankStore;

  /**
   * @param retention how long {@code representations} are kept: deletions older than that are
   *     forgotten
   */
  MemoryTask(
      MemoryConfig config,
      Bank bank,
      Duration retention,
      ProcessorContext<String, SpecificRecord> context) {
    this.config = config;
    this.bank = bank;
    this.retention = retention;
    this.context = context;
    this.memories = context.getStateStore(IndexerTopology.BANK);
    this.rings = context.getStateStore(IndexerTopology.RINGS);
    this.ends = context.getStateStore(IndexerTopology.ENDS);
    this.published = context.getStateStore(IndexerTopology.PUBLISHED);
    this.bankStore = bank.store(context.taskId().partition());
  }

  /**
   * Takes one record.
   *
   * @return why it changed nothing, or null if it was carried out
   * @throws BadRecordException if it cannot be used; nothing has changed then
   */
  @Nullable Drop process(Record<String, Representation> message) {
    Representation value = message.value();
    if (message.key() == null || value == null) {
      throw bad(
          message,
          message.key() == null ? "no key" : "no value",
          "an image id and a representation");
    }
    return switch (value.getKind()) {
      case ARRIVAL -> arrival(message);
      case VISIT -> visit(message);
      case DELETION -> deletion(message);
    };
  }

  private @Nullable Drop arrival(Record<String, Representation> message) {
    Representation value = message.value();
    long model = Model.hash(value.getModelId());
    float[] vector = Vectors.toArray(value.getVector());
    check(message, "vector", vector, bank.dimension(model));
    End end = end(message.key());
    if (end.deletes(value.getSourceOffset())) {
      return Drop.DELETED;
    }
    if (!end.isBehind(value.getSourceOffset(), model, value.getModelVersion())) {
      return Drop.NOT_NEWER;
    }
    Embedding embedding =
        new Embedding(
            value.getVector(),
            vector.length,
            value.getModelId(),
            value.getModelVersion(),
            value.getCapturedAt(),
            Instant.ofEpochMilli(message.timestamp()),
            value.getSource(),
            value.getLabel(),
            value.getSourcePartition(),
            value.getSourceOffset());
    forward(message, embedding, IndexerTopology.EMBEDDINGS_SINK);
    published.put(message.key(), embedding);
    End next = end.published(value.getSourceOffset(), model, value.getModelVersion());
    ends.put(message.key(), next.encode());
    return null;
  }

  private @Nullable Drop visit(Record<String, Representation> message) {
    Representation value = message.value();
    String id = message.key();
    long model = Model.hash(value.getModelId());
    float[] vector = Vectors.toArray(value.getVector());
    float[] query = value.getQuery().isEmpty() ? vector : Vectors.toArray(value.getQuery());
    check(message, "vector", vector, bank.dimension(model));
    check(message, "query", query, vector.length);
    if (value.getVisit() < 1) {
      throw bad(message, "visit " + value.getVisit(), "visits counted from 1");
    }
    if (end(id).deletes(value.getSourceOffset())) {
      return Drop.DELETED;
    }
    Ring.Visited now =
        new Ring.Visited(
            value.getModelId(),
            value.getModelVersion(),
            value.getFingerprint(),
            value.getVisit(),
            value.getStep());
    bank.models().saw(value.getModelId(), value.getModelVersion());
    byte[] stored = rings.get(id);
    Ring ring = stored == null ? null : Ring.decode(stored);
    if (ring != null && ring.counted(now)) {
      return Drop.COUNTED;
    }
    Ring next;
    if (ring == null || !ring.continues(now)) {
      // Its own vector can't be in the memory yet, so that a vote could only go against it.
      next = Ring.first(now);
    } else if (!bankStore.contains(id)) {
      // Evicted meanwhile: it can't find itself, as at a first visit.
      next = ring.seen(now);
    } else {
      List<Neighbour> vote = bank.search(model, query, config.topK());
      next = ring.with(now, null, vote, config.votes());
      forward(message, next.neighbourhood(id, config.topK()), IndexerTopology.NEIGHBOURS_SINK);
    }
    rings.put(id, next.encode());
    remember(id, value, model, vector);
    return null;
  }

  /** Writes a vector into the memory, after making room for it. */
  private void remember(String id, Representation value, long model, float[] vector) {
    RecordMetadata metadata = context.recordMetadata().orElseThrow();
    long sequence = bankStore.sequence(metadata.offset());
    for (String stale : bankStore.ofOtherModels(model, STALE_PER_VISIT)) {
      memories.delete(stale);
    }
    int room = bankStore.contains(id) ? config.perPartition() : config.perPartition() - 1;
    while (bankStore.size() > room) {
      memories.delete(requireNonNull(bankStore.oldest()));
    }
    Memory.Origin origin =
        new Memory.Origin(value.getSource(), value.getLabel(), value.getCapturedAt());
    Memory memory =
        new Memory(value.getFingerprint(), model, sequence, value.getVisit(), origin, vector);
    memories.put(id, memory.encode());
  }

  private @Nullable Drop deletion(Record<String, Representation> message) {
    String id = message.key();
    long offset = message.value().getSourceOffset();
    End end = end(id);
    if (end.deletes(offset)) {
      return Drop.SUPERSEDED_DELETION;
    }
    ends.put(id, end.deleted(offset, message.timestamp()).encode());
    if (end.offset() > offset) {
      return Drop.SUPERSEDED_DELETION;
    }
    if (bankStore.contains(id)) {
      memories.delete(id);
    }
    if (rings.get(id) != null) {
      rings.delete(id);
    }
    published.delete(id);
    forward(message, null, IndexerTopology.EMBEDDINGS_SINK);
    forward(message, null, IndexerTopology.NEIGHBOURS_SINK);
    return null;
  }

  /** Forgets deletions of which no older record can be left in the topic. */
  void purge(long streamTime) {
    List<KeyValue<String, End>> expired = new ArrayList<>();
    try (KeyValueIterator<String, byte[]> all = ends.all()) {
      while (all.hasNext()) {
        KeyValue<String, byte[]> entry = all.next();
        End end = End.decode(entry.value);
        if (end.deleted() >= 0 && streamTime - end.deletedAt() > retention.toMillis()) {
          expired.add(KeyValue.pair(entry.key, end));
        }
      }
    }
    for (KeyValue<String, End> entry : expired) {
      if (entry.value.offset() < 0) {
        ends.delete(entry.key);
      } else {
        ends.put(entry.key, entry.value.withoutDeletion().encode());
      }
    }
    if (!expired.isEmpty()) {
      LOG.debug("forgot deletions task={} count={}", context.taskId(), expired.size());
    }
  }

  private End end(String id) {
    byte[] stored = ends.get(id);
    return stored == null ? End.NONE : End.decode(stored);
  }

  private void forward(
      Record<String, Representation> message, @Nullable SpecificRecord value, String sink) {
    context.forward(new Record<>(message.key(), value, message.timestamp()), sink);
  }

  /**
   * Vectors must be finite and of unit length: a zero or a NaN among them would win or spoil every
   * search after it.
   *
   * @param dimension that the vector must have, 0 where any will do
   */
  private void check(
      Record<String, Representation> message, String field, float[] vector, int dimension) {
    if (vector.length == 0) {
      throw bad(message, "an empty " + field, "one of unit length");
    }
    if (dimension != 0 && vector.length != dimension) {
      throw bad(
          message,
          "a %s of length %d".formatted(field, vector.length),
          "%d as the model's others have".formatted(dimension));
    }
    double squares = 0;
    for (float x : vector) {
      squares += (double) x * x;
    }
    // Written so that a NaN fails it.
    if (!(Math.abs(Math.sqrt(squares) - 1) <= UNIT_TOLERANCE)) {
      throw bad(
          message,
          "a %s with norm %s".formatted(field, Math.sqrt(squares)),
          "norm 1 within " + UNIT_TOLERANCE);
    }
  }

  private BadRecordException bad(
      Record<String, Representation> message, String found, String expected) {
    return new BadRecordException(
        "key %s at %s: found %s, expected %s; look at the learner that sent it"
            .formatted(message.key(), coordinates(), found, expected));
  }

  String coordinates() {
    return context
        .recordMetadata()
        .map(m -> "%s-%d@%d".formatted(m.topic(), m.partition(), m.offset()))
        .orElse("no record");
  }
}
