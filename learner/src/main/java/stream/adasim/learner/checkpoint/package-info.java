/** Snapshots of a training run in a folder: atomic, checksummed, the last good ones kept. */
@NullMarked
package stream.adasim.learner.checkpoint;

import org.jspecify.annotations.NullMarked;
