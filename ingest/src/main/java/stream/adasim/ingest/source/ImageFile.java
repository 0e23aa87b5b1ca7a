package stream.adasim.ingest.source;

import java.nio.file.Path;
import java.util.OptionalLong;

/** A single image file; its id is the path as it was given, without a leading slash. */
public record ImageFile(Path path, int maxBytes) implements Source {

  @Override
  public String name() {
    return EntryName.ofPath(path).path();
  }

  @Override
  public OptionalLong count() {
    return OptionalLong.of(1);
  }

  @Override
  public Items items(Order order) {
    // Named on the command line, so neither hidden nor skipped, and in no folder of classes.
    var whole = new Reading(name(), name(), maxBytes).read(new EntryName(""), path);
    return new FixedItems(whole);
  }
}
