/** Tests of every backend against plain double-precision code and finite differences. */
@NullMarked
package stream.adasim.compute;

import org.jspecify.annotations.NullMarked;
