/** Tests of what is the reference backend's alone. */
@NullMarked
package stream.adasim.compute.nd4j;

import org.jspecify.annotations.NullMarked;
