package stream.adasim.indexer;

import static java.util.Objects.requireNonNull;

import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * Last step of a memory with shards: merges the shards' answers to a visit, lets it vote and
 * publishes the neighbourhood.
 */
final class GatherProcessor implements Processor<String, Answer, String, Object> {
  private final MemoryConfig config;
  private @Nullable Votes votes;
  private @Nullable Flights flights;

  GatherProcessor(MemoryConfig config) {
    this.config = config;
  }

  @Override
  public void init(ProcessorContext<String, Object> context) {
    votes = Votes.of(config, context);
    flights =
        new Flights(context.getStateStore(config.flightsStore()), config.shards(), config.topK());
  }

  @Override
  public void process(Record<String, Answer> message) {
    Votes rings = requireNonNull(votes, "init comes first");
    Flights underWay = requireNonNull(flights, "init comes first");
    switch (message.value()) {
      case Evicted evicted -> {
        underWay.evicted(message.key(), evicted);
        rings.evicted(message.key(), evicted, message.timestamp());
      }
      case Answer.Piece piece -> {
        Flight whole = underWay.land(message.key(), piece);
        if (whole != null) {
          // Each shard knows only how often it named an image itself, not how often a vote did.
          rings.count(whole.visit(), whole.present() ? whole.found() : null, null);
        }
      }
    }
  }
}
