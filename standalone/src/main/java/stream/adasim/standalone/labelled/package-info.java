/** Labelled images to measure representations on. */
@NullMarked
package stream.adasim.standalone.labelled;

import org.jspecify.annotations.NullMarked;
