/** Tests of what is the oneDNN backend's alone. */
@NullMarked
package stream.adasim.compute.onednn;

import org.jspecify.annotations.NullMarked;
