package stream.adasim.indexer.query;

import java.util.Optional;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.indexer.IndexerTopology;
import stream.adasim.indexer.memory.Model;
import stream.adasim.indexer.memory.Models;
import stream.adasim.indexer.query.RefusedException.Reason;
import stream.adasim.indexer.votes.Ring;

/**
 * What this instance's stores say of images: as processed, up to one commit ahead of the topics.
 * Thread-safe. All methods throw {@link RefusedException} while a store is not open for questions.
 */
public final class Images {
  /** Embeddings read at most to find the name of a model. */
  private static final int NAMES_READ = 1000;

  private final KafkaStreams streams;
  private final int topK;

  /**
   * @param topK candidates of a neighbourhood
   */
  public Images(KafkaStreams streams, int topK) {
    this.streams = streams;
    this.topK = topK;
  }

  /**
   * The image's current embedding; empty where there is none.
   *
   * @param partition of the store, which must be in this instance
   */
  public Optional<Embedding> embedding(int partition, String id) {
    try {
      ReadOnlyKeyValueStore<String, Embedding> published =
          store(IndexerTopology.PUBLISHED, partition);
      return Optional.ofNullable(published.get(id));
    } catch (InvalidStateStoreException e) {
      throw closed(e);
    }
  }

  /**
   * What the image's votes add up to; empty where there are none.
   *
   * @param partition of the store, which must be in this instance
   */
  public Optional<Neighbourhood> neighbourhood(int partition, String id) {
    try {
      ReadOnlyKeyValueStore<String, byte[]> rings = store(IndexerTopology.RINGS, partition);
      byte @Nullable [] ring = rings.get(id);
      return ring == null
          ? Optional.empty()
          : Optional.ofNullable(Ring.decode(ring).neighbourhood(id, topK));
    } catch (InvalidStateStoreException e) {
      throw closed(e);
    }
  }

  /** Name and newest version of a model, as far as the first of the embeddings tell. */
  public Optional<Models.Version> model(long hash) {
    Models seen = new Models();
    try (KeyValueIterator<String, Embedding> all = published().all()) {
      for (int i = 0; i < NAMES_READ && all.hasNext(); i++) {
        KeyValue<String, Embedding> next = all.next();
        if (Model.hash(next.value.getModelId()) == hash) {
          seen.saw(next.value.getModelId(), next.value.getModelVersion());
        }
      }
    } catch (InvalidStateStoreException e) {
      throw closed(e);
    }
    return seen.newest(hash);
  }

  private ReadOnlyKeyValueStore<String, Embedding> published() {
    return store(IndexerTopology.PUBLISHED);
  }

  /** By partition, so that one that isn't here is refused instead of found empty. */
  private <V> ReadOnlyKeyValueStore<String, V> store(String name, int partition) {
    StoreQueryParameters<ReadOnlyKeyValueStore<String, V>> all =
        StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.keyValueStore());
    return streams.store(all.withPartition(partition));
  }

  private <V> ReadOnlyKeyValueStore<String, V> store(String name) {
    return streams.store(
        StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.keyValueStore()));
  }

  private static RefusedException closed(InvalidStateStoreException e) {
    return new RefusedException(
        Reason.MOVING,
        "state is being restored or moves: %s; ask again, and give every instance an http.host and http.advertised of its own if this stays"
            .formatted(e.getMessage()));
  }
}
