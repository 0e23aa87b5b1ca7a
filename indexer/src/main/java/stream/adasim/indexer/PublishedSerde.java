package stream.adasim.indexer;

import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import stream.adasim.avro.Embedding;

/** Embeddings in a store, byte for byte as on their topic and under its subject in the registry. */
final class PublishedSerde {
  private PublishedSerde() {}

  static Serde<Embedding> of(String embeddingsTopic, Serde<Embedding> serde) {
    Serializer<Embedding> serializer = serde.serializer();
    Deserializer<Embedding> deserializer = serde.deserializer();
    return Serdes.serdeFrom(
        (changelog, value) -> serializer.serialize(embeddingsTopic, value),
        (changelog, bytes) -> deserializer.deserialize(embeddingsTopic, bytes));
  }
}
