/** Answers questions about images and the memory, without HTTP. */
@NullMarked
package stream.adasim.indexer.query;

import org.jspecify.annotations.NullMarked;
