package stream.adasim.indexer.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import stream.adasim.avro.Candidate;
import stream.adasim.avro.Embedding;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.indexer.memory.Models;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.schemas.wire.Vectors;

/** Answers as JSON; openapi.yaml says what the fields mean. */
final class Documents {
  private static final JsonMapper JSON = new JsonMapper();

  private Documents() {}

  /**
   * What a search found.
   *
   * @param model the vectors' model and the newest version of it in the memory
   */
  record Found(Models.Version model, List<Neighbour> nearest) {
    /** Of an instance that has nothing of the model. */
    static final Found NOTHING = new Found(new Models.Version("", -1), List.of());
  }

  static byte[] embedding(String id, Embedding embedding) {
    ObjectNode document = JSON.createObjectNode();
    document
        .put("id", id)
        .put("modelId", embedding.getModelId())
        .put("modelVersion", embedding.getModelVersion())
        .put("dimension", embedding.getDimension())
        .put("capturedAt", embedding.getCapturedAt().toString())
        .put("embeddedAt", embedding.getEmbeddedAt().toString())
        .put("source", embedding.getSource())
        .put("label", embedding.getLabel())
        .put("sourcePartition", embedding.getSourcePartition())
        .put("sourceOffset", embedding.getSourceOffset())
        .put("refreshed", embedding.getRefreshed());
    ArrayNode vector = document.putArray("vector");
    embedding.getVector().forEach(vector::add);
    return bytes(document);
  }

  /** Reads what {@link #embedding(String, Embedding)} wrote. */
  static Embedding embedding(byte[] document) throws IOException {
    JsonNode root = JSON.readTree(document);
    float[] vector = new float[root.required("vector").size()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = root.get("vector").get(i).floatValue();
    }
    return new Embedding(
        Vectors.of(vector),
        vector.length,
        root.required("modelId").asText(),
        root.required("modelVersion").asLong(),
        Instant.parse(root.required("capturedAt").asText()),
        Instant.parse(root.required("embeddedAt").asText()),
        root.required("source").asText(),
        root.required("label").textValue(),
        root.required("sourcePartition").asInt(),
        root.required("sourceOffset").asLong(),
        // An instance of a version without it, while a deployment goes over them one by one.
        root.path("refreshed").asBoolean(false));
  }

  static byte[] neighbourhood(String id, Neighbourhood neighbourhood) {
    ObjectNode document = JSON.createObjectNode();
    document
        .put("id", id)
        .put("modelId", neighbourhood.getModelId())
        .put("modelVersion", neighbourhood.getModelVersion())
        .put("votes", neighbourhood.getVotes())
        .put("selfFirst", neighbourhood.getSelfFirst())
        .put("selfSimilarity", neighbourhood.getSelfSimilarity())
        .put("agreement", neighbourhood.getAgreement())
        .put("hubness", neighbourhood.getHubness())
        .put("visit", neighbourhood.getVisit())
        .put("step", neighbourhood.getStep());
    ArrayNode candidates = document.putArray("candidates");
    for (Candidate candidate : neighbourhood.getCandidates()) {
      candidates
          .addObject()
          .put("id", candidate.getId())
          .put("similarity", candidate.getSimilarity())
          .put("votes", candidate.getVotes());
    }
    return bytes(document);
  }

  static byte[] found(Found found) {
    ObjectNode document = JSON.createObjectNode();
    document
        .put("modelId", found.model().modelId())
        .put("modelVersion", found.model().modelVersion());
    ArrayNode hits = document.putArray("hits");
    for (Neighbour neighbour : found.nearest()) {
      // The fingerprint breaks ties between instances; as text, for it has more than 53 bits.
      hits.addObject()
          .put("id", neighbour.id())
          .put("similarity", neighbour.similarity())
          .put("fingerprint", Long.toHexString(neighbour.fingerprint()));
    }
    return bytes(document);
  }

  /** Reads what {@link #found} wrote. */
  static Found found(byte[] document) throws IOException {
    JsonNode root = JSON.readTree(document);
    List<Neighbour> nearest = new ArrayList<>();
    for (JsonNode hit : root.required("hits")) {
      nearest.add(
          new Neighbour(
              hit.required("id").asText(),
              Long.parseUnsignedLong(hit.required("fingerprint").asText(), 16),
              hit.required("similarity").floatValue()));
    }
    return new Found(
        new Models.Version(
            root.required("modelId").asText(), root.required("modelVersion").asLong()),
        nearest);
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  static JsonNode tree(byte[] document) throws IOException {
    return JSON.readTree(document);
  }

  static byte[] bytes(ObjectNode document) {
    return document.toString().getBytes(UTF_8);
  }
}
