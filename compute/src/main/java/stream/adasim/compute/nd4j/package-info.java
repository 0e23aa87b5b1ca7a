/**
 * The reference backend: ND4J operations alone, so that it runs on any ND4J backend. Every other
 * backend is tested against it.
 */
@NullMarked
package stream.adasim.compute.nd4j;

import org.jspecify.annotations.NullMarked;
