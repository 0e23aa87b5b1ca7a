/** How good representations are: classifiers on top of them, and what their geometry says. */
@NullMarked
package stream.adasim.standalone.evaluate;

import org.jspecify.annotations.NullMarked;
