/** Tests of the reference backend against plain double-precision code. */
@NullMarked
package stream.adasim.compute.nd4j;

import org.jspecify.annotations.NullMarked;
