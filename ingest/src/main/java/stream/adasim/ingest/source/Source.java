package stream.adasim.ingest.source;

import java.util.OptionalLong;

/**
 * A place that images come from. A source can be read any number of times, and what it yields for
 * one id does not change as long as the files do not.
 */
public sealed interface Source permits Folder, Archive, IdxFile, ImageFile, Synthetic {

  /** What goes into the {@code source} field of its images, and what their ids start with. */
  String name();

  /** How many items it holds, where that can be told without reading them all. */
  OptionalLong count();

  /** Opens it for one pass. */
  Items items(Order order);
}
