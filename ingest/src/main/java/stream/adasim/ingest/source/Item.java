package stream.adasim.ingest.source;

/** What a source yields: exactly one item for each file, archive entry or record that it holds. */
public sealed interface Item permits SourceImage, Unreadable, Skipped {

  /** The item's name inside its source, printable on one line. */
  String name();
}
