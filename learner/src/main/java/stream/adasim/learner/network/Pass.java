package stream.adasim.learner.network;

/**
 * What a pass through a backbone is for: it decides which statistics batch norm takes and whether
 * stochastic depth leaves branches out.
 */
public sealed interface Pass {

  /** The same pass for the images from one on. */
  default Pass from(int image) {
    return switch (this) {
      case Embed _, Teach _ -> this;
      case Learn(long noise, int first) -> new Learn(noise, first + image);
    };
  }

  /** Features to publish and compare: running statistics, nothing left out. */
  record Embed() implements Pass {}

  /**
   * Targets by the teacher, which DINO keeps in training mode: the batch's statistics, nothing left
   * out, since its teacher has no stochastic depth.
   */
  record Teach() implements Pass {}

  /**
   * The student: the batch's statistics, branches left out by chance.
   *
   * @param noise seeds the choices, each of which follows from it, image, block and branch
   * @param firstImage number within the batch of the pass's first image, so that a batch that is
   *     worked through in parts gets the same choices
   */
  record Learn(long noise, int firstImage) implements Pass {}
}
