package stream.adasim.learner.models;

/** The parts of a snapshot do not add up to what its manifest says. */
final class DamagedSnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DamagedSnapshotException(String message) {
    super(message);
  }
}
