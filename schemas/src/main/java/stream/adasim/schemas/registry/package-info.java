/** A client of the schema registry's REST API. */
@NullMarked
package stream.adasim.schemas.registry;

import org.jspecify.annotations.NullMarked;
