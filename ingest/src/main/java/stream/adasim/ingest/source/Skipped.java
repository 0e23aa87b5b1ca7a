package stream.adasim.ingest.source;

/** Something that nobody would take for an image: a hidden file, a README, a table, a link. */
public record Skipped(String name) implements Item {}
