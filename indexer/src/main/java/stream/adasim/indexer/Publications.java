package stream.adasim.indexer;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.Model;

/** What one partition has published on {@code embeddings}, and what was deleted. */
final class Publications {
  private static final Logger LOG = LoggerFactory.getLogger(Publications.class);
  private static final Duration PURGE_INTERVAL = Duration.ofHours(1);

  private final ProcessorContext<String, Object> context;
  private final Duration retention;
  private final KeyValueStore<String, byte[]> ends;
  private final KeyValueStore<String, Embedding> published;

  /**
   * @param retention how long {@code representations} are kept: deletions older than that are
   *     forgotten
   */
  Publications(ProcessorContext<String, Object> context, Duration retention) {
    this.context = context;
    this.retention = retention;
    this.ends = context.getStateStore(IndexerTopology.ENDS);
    this.published = context.getStateStore(IndexerTopology.PUBLISHED);
    // Stream time, not the clock: a service that was down for long still meets the records that are
    // older than a deletion before it forgets the deletion.
    context.schedule(PURGE_INTERVAL, PunctuationType.STREAM_TIME, this::purge);
  }

  /** Publishes an arrival whose vector was checked, unless something newer was. */
  @Nullable Drop arrival(Record<String, Representation> message) {
    Representation value = message.value();
    long model = Model.hash(value.getModelId());
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
            value.getVector().size(),
            value.getModelId(),
            value.getModelVersion(),
            value.getCapturedAt(),
            Instant.ofEpochMilli(message.timestamp()),
            value.getSource(),
            value.getLabel(),
            value.getSourcePartition(),
            value.getSourceOffset(),
            end.offset() == value.getSourceOffset());
    published.put(message.key(), embedding);
    forward(message, embedding, IndexerTopology.EMBEDDINGS_SINK);
    End next = end.published(value.getSourceOffset(), model, value.getModelVersion());
    ends.put(message.key(), next.encode());
    return null;
  }

  /** Whether an image at this source offset was deleted afterwards. */
  boolean deleted(String id, long sourceOffset) {
    return end(id).deletes(sourceOffset);
  }

  /**
   * Deletes an image on both topics, unless it was sent again since; its votes are the caller's.
   */
  @Nullable Drop deletion(Record<String, Representation> message) {
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
    published.delete(id);
    forward(message, null, IndexerTopology.EMBEDDINGS_SINK);
    forward(message, null, IndexerTopology.NEIGHBOURS_SINK);
    return null;
  }

  /** Forgets deletions of which no older record can be left in the topic. */
  private void purge(long streamTime) {
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
      Record<String, Representation> message, @Nullable Object value, String sink) {
    context.forward(new Record<>(message.key(), value, message.timestamp()), sink);
  }
}
