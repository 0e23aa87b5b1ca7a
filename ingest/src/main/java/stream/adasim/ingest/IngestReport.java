package stream.adasim.ingest;

/**
 * What became of a run so far. Every item of a source is in exactly one of sent, skipped,
 * unreadable and known; an item that is read again in a later pass counts again only where it is
 * sent.
 *
 * @param sent images; in a report that {@link Ingest#send} returns, all are acknowledged
 * @param deleted deletions, likewise
 * @param bytes encoded bytes of the images sent
 * @param skipped what nobody would take for an image, older entries of one name in an archive
 * @param unreadable what should have been an image and could not be sent
 * @param known images that the topic held already, where only new ones were asked for
 */
public record IngestReport(
    long sent, long deleted, long bytes, long skipped, long unreadable, long known) {
  /** Of a run that has not begun. */
  public static final IngestReport NOTHING = new IngestReport(0, 0, 0, 0, 0, 0);

  IngestReport plusSent(long imageBytes) {
    return new IngestReport(sent + 1, deleted, bytes + imageBytes, skipped, unreadable, known);
  }

  IngestReport plusDeleted() {
    return new IngestReport(sent, deleted + 1, bytes, skipped, unreadable, known);
  }

  IngestReport plusSkipped() {
    return new IngestReport(sent, deleted, bytes, skipped + 1, unreadable, known);
  }

  IngestReport plusUnreadable() {
    return new IngestReport(sent, deleted, bytes, skipped, unreadable + 1, known);
  }

  IngestReport plusKnown() {
    return new IngestReport(sent, deleted, bytes, skipped, unreadable, known + 1);
  }
}
