package stream.adasim.indexer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;
import stream.adasim.indexer.memory.BankStore;

/** What is kept per image: in a store of Kafka Streams, or without Kafka in this process. */
interface Entries {
  byte @Nullable [] get(String id);

  void put(String id, byte[] value);

  void delete(String id);

  /** Those of a store, and of its changelog. */
  static Entries of(KeyValueStore<String, byte[]> store) {
    return new Entries() {
      @Override
      public byte @Nullable [] get(String id) {
        return store.get(id);
      }

      @Override
      public void put(String id, byte[] value) {
        store.put(id, value);
      }

      @Override
      public void delete(String id) {
        store.delete(id);
      }
    };
  }

  /** Those of a map. */
  static Entries of(Map<String, byte[]> map) {
    return new Entries() {
      @Override
      public byte @Nullable [] get(String id) {
        return map.get(id);
      }

      @Override
      public void put(String id, byte[] value) {
        map.put(id, value);
      }

      @Override
      public void delete(String id) {
        map.remove(id);
      }
    };
  }

  /** Those of the memory itself, without a changelog in front of it. */
  static Entries of(BankStore store) {
    return new Entries() {
      @Override
      public byte @Nullable [] get(String id) {
        return store.get(key(id));
      }

      @Override
      public void put(String id, byte[] value) {
        store.put(key(id), value);
      }

      @Override
      public void delete(String id) {
        store.delete(key(id));
      }

      private static Bytes key(String id) {
        return Bytes.wrap(id.getBytes(UTF_8));
      }
    };
  }
}
