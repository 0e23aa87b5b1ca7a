package stream.adasim.indexer;

/** A record whose content cannot be used: goes to the dead letters, and the stream goes on. */
final class BadRecordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadRecordException(String message) {
    super(message);
  }
}
