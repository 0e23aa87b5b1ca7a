/** How a running system does, as its topics and its broker tell. */
@NullMarked
package stream.adasim.standalone.status;

import org.jspecify.annotations.NullMarked;
