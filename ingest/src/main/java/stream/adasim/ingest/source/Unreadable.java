package stream.adasim.ingest.source;

/** Something that should have been an image and cannot be sent; the reason fits one line. */
public record Unreadable(String name, String reason) implements Item {}
