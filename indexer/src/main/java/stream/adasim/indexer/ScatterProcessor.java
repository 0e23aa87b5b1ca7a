package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Representation;
import stream.adasim.indexer.memory.Model;

/**
 * First step of a memory with shards: arrivals become embeddings, a visit becomes one question per
 * shard, deletions remove what is here and tell the image's own shard. Every record is checked in
 * full before it changes anything.
 */
final class ScatterProcessor implements Processor<String, Representation, String, Object> {
  private final IndexerTopology.Parts parts;
  private @Nullable Task task;

  ScatterProcessor(IndexerTopology.Parts parts) {
    this.parts = parts;
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    task = new Task(parts, context);
  }

  @Override
  public void process(Record<String, Representation> message) {
    Task open = requireNonNull(task, "init comes first");
    parts.counters().read();
    parts.counters().done(open.process(message), message.key(), open.check.coordinates());
  }

  private static final class Task {
    private final IndexerTopology.Parts parts;
    private final ProcessorContext<String, Object> context;
    private final RepresentationCheck check;
    private final Publications publications;
    private final Votes votes;
    private final Flights flights;

    Task(IndexerTopology.Parts parts, ProcessorContext<String, Object> context) {
      MemoryConfig config = parts.config();
      this.parts = parts;
      this.context = context;
      this.check = new RepresentationCheck(context);
      this.publications = new Publications(context, parts.retention());
      this.votes = Votes.of(config, context);
      this.flights =
          new Flights(context.getStateStore(config.flightsStore()), config.shards(), config.topK());
    }

    @Nullable Drop process(Record<String, Representation> message) {
      check.complete(message);
      return switch (message.value().getKind()) {
        case ARRIVAL -> arrival(message);
        case VISIT -> visit(message);
        case DELETION -> deletion(message);
      };
    }

    private @Nullable Drop arrival(Record<String, Representation> message) {
      vector(message);
      return publications.arrival(message);
    }

    private @Nullable Drop visit(Record<String, Representation> message) {
      Representation value = message.value();
      float[] vector = vector(message);
      float[] query = check.query(message, vector);
      if (publications.deleted(message.key(), value.getSourceOffset())) {
        return Drop.DELETED;
      }
      long offset = context.recordMetadata().map(RecordMetadata::offset).orElseThrow();
      Visit visit = Visit.of(message.key(), value, offset, message.timestamp());
      if (votes.counted(visit.id(), visit.visited())
          || flights.counted(visit.id(), visit.visited())) {
        return Drop.COUNTED;
      }
      flights.open(visit);
      int shards = parts.config().shards();
      int own = Ask.shardOf(visit.id(), shards);
      for (int shard = 0; shard < shards; shard++) {
        float[] remembered = shard == own ? vector : new float[0];
        ask(message, new Ask.Question(shard, visit, remembered, query));
      }
      return null;
    }

    private @Nullable Drop deletion(Record<String, Representation> message) {
      String id = message.key();
      Drop drop = publications.deletion(message);
      if (drop == null) {
        votes.forget(id);
        flights.forget(id);
        ask(message, new Ask.Deletion(Ask.shardOf(id, parts.config().shards())));
      }
      return drop;
    }

    /** Shards can't dead-letter what only some of them would refuse: lengths are compared here. */
    private float[] vector(Record<String, Representation> message) {
      Representation value = message.value();
      long model = Model.hash(value.getModelId());
      float[] vector =
          check.unit(
              message, "vector", value.getVector(), parts.dimensions().getOrDefault(model, 0));
      parts.dimensions().putIfAbsent(model, vector.length);
      return vector;
    }

    private void ask(Record<String, Representation> message, Ask ask) {
      context.forward(
          new Record<String, Object>(message.key(), ask, message.timestamp()),
          IndexerTopology.ASKED);
    }
  }
}
