/** Image sources to records of the {@code images} topic, and the command that does it. */
@NullMarked
package stream.adasim.ingest;

import org.jspecify.annotations.NullMarked;
