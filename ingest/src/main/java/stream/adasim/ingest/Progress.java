package stream.adasim.ingest;

import java.util.function.Consumer;

/** Is told how a run goes, after every item. */
interface Progress extends AutoCloseable {

  void at(IngestReport report);

  @Override
  void close();

  /** Shows as this does, and tells somebody else, too. */
  default Progress andTell(Consumer<IngestReport> other) {
    Progress shown = this;
    return new Progress() {
      @Override
      public void at(IngestReport report) {
        shown.at(report);
        other.accept(report);
      }

      @Override
      public void close() {
        shown.close();
      }
    };
  }

  /** Tells nobody. */
  final class Quiet implements Progress {
    @Override
    public void at(IngestReport report) {}

    @Override
    public void close() {}
  }
}
