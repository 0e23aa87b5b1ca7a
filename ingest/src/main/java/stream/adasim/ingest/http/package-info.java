/** Images over HTTP: what comes in is on the images topic before the answer goes out. */
@NullMarked
package stream.adasim.ingest.http;

import org.jspecify.annotations.NullMarked;
