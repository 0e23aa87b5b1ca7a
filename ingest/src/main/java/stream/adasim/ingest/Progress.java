package stream.adasim.ingest;

/** Is told how a run goes, after every item. */
interface Progress extends AutoCloseable {

  void at(IngestReport report);

  @Override
  void close();

  /** Tells nobody. */
  final class Quiet implements Progress {
    @Override
    public void at(IngestReport report) {}

    @Override
    public void close() {}
  }
}
