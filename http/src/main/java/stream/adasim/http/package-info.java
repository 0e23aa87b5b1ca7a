/** What every service shows over HTTP: a server, errors, health and metrics. */
@NullMarked
package stream.adasim.http;

import org.jspecify.annotations.NullMarked;
