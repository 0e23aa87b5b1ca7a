/** What searches found for one image over its last visits, and what that adds up to. */
@NullMarked
package stream.adasim.indexer.votes;

import org.jspecify.annotations.NullMarked;
