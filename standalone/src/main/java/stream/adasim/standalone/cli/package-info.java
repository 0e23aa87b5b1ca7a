/** The command line. */
@NullMarked
package stream.adasim.standalone.cli;

import org.jspecify.annotations.NullMarked;
