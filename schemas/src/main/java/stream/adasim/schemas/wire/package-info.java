/** Avro records in the wire format that every Confluent-compatible client reads. */
@NullMarked
package stream.adasim.schemas.wire;

import org.jspecify.annotations.NullMarked;
