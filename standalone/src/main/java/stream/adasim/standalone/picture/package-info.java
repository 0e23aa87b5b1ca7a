/** Pictures as SVG, and pages that need nothing else. */
@NullMarked
package stream.adasim.standalone.picture;

import org.jspecify.annotations.NullMarked;
