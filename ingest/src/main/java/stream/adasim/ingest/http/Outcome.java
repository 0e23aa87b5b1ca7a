package stream.adasim.ingest.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import stream.adasim.http.Problem;

/** What became of one image. */
sealed interface Outcome {
  int status();

  ObjectNode json();

  /** Kafka has it. */
  record Taken(String id, String mediaType, int bytes, RecordMetadata where) implements Outcome {
    @Override
    public int status() {
      return 200;
    }

    @Override
    public ObjectNode json() {
      return JsonNodeFactory.instance
          .objectNode()
          .put("id", id)
          .put("mediaType", mediaType)
          .put("bytes", bytes)
          .put("partition", where.partition())
          .put("offset", where.offset());
    }
  }

  /**
   * It was not taken.
   *
   * @param id null where it has none: neither given nor read to its end
   */
  record Refused(@Nullable String id, Problem problem) implements Outcome {
    @Override
    public int status() {
      return problem.status();
    }

    @Override
    public ObjectNode json() {
      ObjectNode json = JsonNodeFactory.instance.objectNode();
      if (id != null) {
        json.put("id", id);
      }
      return json.put("title", problem.title()).put("detail", problem.detail());
    }
  }
}
