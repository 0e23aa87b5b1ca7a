/** Images over HTTP by many clients at once. */
@NullMarked
package stream.adasim.bench.ingest;

import org.jspecify.annotations.NullMarked;
