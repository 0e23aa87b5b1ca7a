/** Where images come from: folders, archives, IDX files, single files, and drawings of our own. */
@NullMarked
package stream.adasim.ingest.source;

import org.jspecify.annotations.NullMarked;
