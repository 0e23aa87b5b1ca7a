package stream.adasim.indexer.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Embedding;
import stream.adasim.http.Problem;
import stream.adasim.http.ProblemException;
import stream.adasim.indexer.IndexerTopology;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Banks;
import stream.adasim.indexer.memory.Model;
import stream.adasim.indexer.memory.Models;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.memory.Query;
import stream.adasim.indexer.query.Directory;
import stream.adasim.indexer.query.Images;
import stream.adasim.indexer.query.RefusedException;
import stream.adasim.indexer.query.RefusedException.Reason;
import stream.adasim.indexer.query.Searcher;
import stream.adasim.schemas.wire.Vectors;

/**
 * Answers from this instance, or from whichever holds what is asked for. A question that another
 * instance passed on is answered from here alone, so that none goes round in circles.
 */
record Answers(Directory directory, Images images, Memory memory, Searcher searcher, Peers peers) {
  /**
   * Where the vectors lie.
   *
   * @param store name of their store
   * @param stores of how many partitions it is made
   */
  record Memory(Banks banks, String store, int stores) {}

  /** A status and a document. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Answer(int status, byte[] document) {
    static Answer ok(byte[] document) {
      return new Answer(200, document);
    }
  }

  Answer embedding(String id, String rawPath, boolean forwarded) {
    return ofImage(
        IndexerTopology.PUBLISHED,
        id,
        rawPath,
        forwarded,
        here -> images.embedding(here, id).map(found -> Documents.embedding(id, found)),
        "image '%s': found no embedding; it was never sent, not embedded yet, dead-lettered or deleted");
  }

  Answer neighbours(String id, String rawPath, boolean forwarded) {
    return ofImage(
        IndexerTopology.RINGS,
        id,
        rawPath,
        forwarded,
        here -> images.neighbourhood(here, id).map(found -> Documents.neighbourhood(id, found)),
        "image '%s': found no votes; an image gets neighbours from its second visit in training on");
  }

  /** Looks into a partition that is in this instance. */
  private interface Look {
    Optional<byte[]> at(int partition);
  }

  private Answer ofImage(
      String store, String id, String rawPath, boolean forwarded, Look look, String notFound) {
    Directory.Place place = directory.of(store, id);
    HostInfo holder = place.host();
    if (!holder.equals(directory.self())) {
      if (forwarded) {
        throw Directory.elsewhere(holder);
      }
      HttpResponse<byte[]> answer = peers.get(holder, rawPath);
      return new Answer(answer.statusCode(), answer.body());
    }
    return Answer.ok(
        look.at(place.partition()).orElseThrow(() -> Problem.notFound(notFound.formatted(id))));
  }

  /** Searches some partitions for another instance. */
  Answer searchHere(SearchRequest request, List<Integer> partitions) {
    directory.requireHere(memory.store(), partitions);
    if (request.vector() == null) {
      throw Problem.badRequest("found a forwarded search without 'vector', expected one with it");
    }
    return Answer.ok(
        Documents.found(here(request, request.vector(), request.modelId(), partitions)));
  }

  Answer search(SearchRequest request) {
    directory.requireRunning();
    if (request.vector() != null) {
      return Answer.ok(Documents.found(search(request, request.vector(), request.modelId())));
    }
    String id = String.valueOf(request.id());
    Embedding embedding = published(id);
    String model = embedding.getModelId();
    if (request.modelId() != null && !request.modelId().equals(model)) {
      throw Problem.badRequest(
          "modelId: found '%s', expected '%s', which made the embedding of image '%s'"
              .formatted(request.modelId(), model, id));
    }
    float[] vector = Vectors.toArray(embedding.getVector());
    return Answer.ok(Documents.found(search(request.without(id), vector, model)));
  }

  /** An image's embedding, wherever it is. */
  private Embedding published(String id) {
    Directory.Place place = directory.of(IndexerTopology.PUBLISHED, id);
    HostInfo holder = place.host();
    if (holder.equals(directory.self())) {
      return images
          .embedding(place.partition(), id)
          .orElseThrow(() -> Problem.notFound("id: found no embedding of image '" + id + "'"));
    }
    HttpResponse<byte[]> answer = peers.get(holder, QueryRoutes.embeddingOf(id));
    return read(answer, Documents::embedding);
  }

  private Documents.Found search(SearchRequest request, float[] vector, @Nullable String modelId) {
    byte[] question = request.forwarded(vector, modelId);
    Map<HostInfo, List<Integer>> hosts = directory.allOf(memory.store(), memory.stores());
    List<Integer> own = hosts.remove(directory.self());
    Map<HostInfo, CompletableFuture<HttpResponse<byte[]>>> asked = new LinkedHashMap<>();
    hosts.forEach((host, partitions) -> asked.put(host, peers.search(host, partitions, question)));
    List<Documents.Found> parts = new ArrayList<>();
    if (own != null) {
      parts.add(here(request, vector, modelId, own));
    }
    asked.forEach((host, sent) -> parts.add(read(peers.answer(host, sent), Documents::found)));
    return merge(parts, request.k());
  }

  /** Searches what this instance has; finds nothing where it has nothing of the model. */
  private Documents.Found here(
      SearchRequest request, float[] vector, @Nullable String modelId, List<Integer> partitions) {
    for (int partition : partitions) {
      if (!memory.banks().of(partition).holds(partition)) {
        throw new RefusedException(
            Reason.MOVING,
            "part %d of the memory should be here and isn't; ask again, and give every instance an http.host and http.advertised of its own if this stays"
                .formatted(partition));
      }
    }
    List<Bank> banks = partitions.stream().map(memory.banks()::of).distinct().toList();
    Optional<Bank.Held> searched =
        banks.stream()
            .flatMap(bank -> bank.held().stream())
            .filter(held -> modelId == null || held.model() == Model.hash(modelId))
            .max(Comparator.comparingInt(Bank.Held::count));
    if (searched.isEmpty()) {
      return Documents.Found.NOTHING;
    }
    Bank.Held one = searched.get();
    Models.Version model = name(one.model());
    if (vector.length != one.dimension()) {
      throw Problem.badRequest(
          "vector: found length %d, expected %d as model '%s' makes them"
              .formatted(vector.length, one.dimension(), model.modelId()));
    }
    Query query = new Query(vector, request.acceptance(), null);
    return new Documents.Found(model, searcher.search(banks, one.model(), query, request.k()));
  }

  private Models.Version name(long model) {
    return memory
        .banks()
        .models()
        .newest(model)
        .or(() -> images.model(model))
        .orElseThrow(
            () ->
                new RefusedException(
                    Reason.MOVING,
                    "the memory holds vectors of a model of which no record came by since the start; ask again"));
  }

  private static Documents.Found merge(List<Documents.Found> parts, int k) {
    List<Documents.Found> found =
        parts.stream().filter(part -> !part.equals(Documents.Found.NOTHING)).toList();
    Models.Version model =
        found.stream()
            .map(Documents.Found::model)
            .max(Comparator.comparingLong(Models.Version::modelVersion))
            .orElseThrow(
                () ->
                    Problem.unavailable(
                        "the memory has no vectors of the model; it fills while a learner trains",
                        Duration.ofSeconds(10)));
    if (found.stream().anyMatch(part -> !part.model().modelId().equals(model.modelId()))) {
      throw new RefusedException(
          Reason.MOVING, "instances hold vectors of different models; name one with 'modelId'");
    }
    return new Documents.Found(
        model,
        Neighbour.nearest(found.stream().flatMap(part -> part.nearest().stream()).toList(), k));
  }

  /** Reads a document. */
  private interface Reader<T> {
    T read(byte[] document) throws IOException;
  }

  /** What a peer says, its problem included. */
  private static <T> T read(HttpResponse<byte[]> answer, Reader<T> reader) {
    try {
      if (answer.statusCode() == 200) {
        return reader.read(answer.body());
      }
      String detail = Documents.tree(answer.body()).path("detail").asText();
      boolean passes = answer.statusCode() == 429 || answer.statusCode() == 503;
      throw new ProblemException(
          new Problem(answer.statusCode(), detail, passes ? Duration.ofSeconds(1) : Duration.ZERO));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "an instance answered with status %d and something unreadable"
              .formatted(answer.statusCode()),
          e);
    }
  }
}
