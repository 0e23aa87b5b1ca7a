/** Which signs in an image's votes tell right partners from wrong ones. */
@NullMarked
package stream.adasim.bench.gate;

import org.jspecify.annotations.NullMarked;
