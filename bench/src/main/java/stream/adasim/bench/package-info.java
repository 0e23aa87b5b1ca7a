/** Benchmarks of the other modules. */
@NullMarked
package stream.adasim.bench;

import org.jspecify.annotations.NullMarked;
