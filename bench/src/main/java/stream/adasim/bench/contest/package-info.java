/** Processes that are measured beside each other, turn by turn. */
@NullMarked
package stream.adasim.bench.contest;

import org.jspecify.annotations.NullMarked;
