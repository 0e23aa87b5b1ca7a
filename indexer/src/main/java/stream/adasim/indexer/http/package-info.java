/** Questions about images and the memory over HTTP. */
@NullMarked
package stream.adasim.indexer.http;

import org.jspecify.annotations.NullMarked;
