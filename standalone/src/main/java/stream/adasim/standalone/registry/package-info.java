/** The schema registry: Apicurio as a child process that never outlives this one. */
@NullMarked
package stream.adasim.standalone.registry;

import org.jspecify.annotations.NullMarked;
