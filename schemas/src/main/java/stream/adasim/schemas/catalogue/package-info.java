/** The closed list of topics, and their creation. */
@NullMarked
package stream.adasim.schemas.catalogue;

import org.jspecify.annotations.NullMarked;
