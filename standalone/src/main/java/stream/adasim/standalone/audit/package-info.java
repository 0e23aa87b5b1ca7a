/** Checks from outside, on the topics alone, that an installation keeps its promises. */
@NullMarked
package stream.adasim.standalone.audit;

import org.jspecify.annotations.NullMarked;
