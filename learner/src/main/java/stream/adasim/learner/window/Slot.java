package stream.adasim.learner.window;

/** Place of one id in the window. */
final class Slot {
  WindowImage image;

  /** Index among the images that the current pass has yet to visit; -1 once visited. */
  int remaining = -1;

  /** Whether the bytes are there; false for an entry of a manifest that waits for them. */
  boolean filled;

  Slot(WindowImage image, boolean filled) {
    this.image = image;
    this.filled = filled;
  }
}
