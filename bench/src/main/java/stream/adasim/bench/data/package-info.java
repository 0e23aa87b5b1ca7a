/** What decoding and augmentation cost. */
@NullMarked
package stream.adasim.bench.data;

import org.jspecify.annotations.NullMarked;
