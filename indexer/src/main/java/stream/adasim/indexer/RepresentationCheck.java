package stream.adasim.indexer;

import java.util.List;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import stream.adasim.avro.Representation;
import stream.adasim.schemas.wire.Vectors;

/** Looks at what the learner sent, before it changes anything. */
final class RepresentationCheck {
  private static final double UNIT_TOLERANCE = 1e-3;

  private final ProcessorContext<?, ?> context;

  RepresentationCheck(ProcessorContext<?, ?> context) {
    this.context = context;
  }

  /**
   * Looks for key, value and visit.
   *
   * @throws BadRecordException if something is missing
   */
  void complete(Record<String, Representation> message) {
    if (message.key() == null || message.value() == null) {
      throw bad(
          message,
          message.key() == null ? "no key" : "no value",
          "an image id and a representation");
    }
  }

  /**
   * A vector, which must be finite and of unit length: a zero or a NaN among them would win or
   * spoil every search after it.
   *
   * @param dimension that the vector must have, 0 where any will do
   * @throws BadRecordException if it can't be used
   */
  float[] unit(
      Record<String, Representation> message, String field, List<Float> values, int dimension) {
    float[] vector = Vectors.toArray(values);
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
    return vector;
  }

  /**
   * What a visit searches with: its query, or its vector where it has none. Looks at the visit's
   * number, too.
   *
   * @param vector that of the visit
   * @throws BadRecordException if there is no such visit, or its query can't be used
   */
  float[] query(Record<String, Representation> message, float[] vector) {
    Representation value = message.value();
    float[] query =
        value.getQuery().isEmpty()
            ? vector
            : unit(message, "query", value.getQuery(), vector.length);
    if (value.getVisit() < 1) {
      throw bad(message, "visit " + value.getVisit(), "visits counted from 1");
    }
    return query;
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
