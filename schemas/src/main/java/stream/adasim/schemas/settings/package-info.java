/** Settings from defaults, file, environment and flags; the client properties made of them. */
@NullMarked
package stream.adasim.schemas.settings;

import org.jspecify.annotations.NullMarked;
