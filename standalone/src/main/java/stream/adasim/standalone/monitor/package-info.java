/** Watches a running system through its topics, as any user could. */
@NullMarked
package stream.adasim.standalone.monitor;

import org.jspecify.annotations.NullMarked;
