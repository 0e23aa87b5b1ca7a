/** A Kafka broker with its controller inside this JVM, for one machine and its loopback. */
@NullMarked
package stream.adasim.standalone.broker;

import org.jspecify.annotations.NullMarked;
