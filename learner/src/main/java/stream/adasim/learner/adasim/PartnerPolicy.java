package stream.adasim.learner.adasim;

/** Whose second view an image is trained against. */
public enum PartnerPolicy {
  /** Its own: plain self-distillation. */
  SELF,
  /** Its nearest other image, always: the naive way, for comparison. */
  NEAREST,
  /** Its own, or a neighbour's where the accumulated votes show that neighbours are reliable. */
  ADASIM
}
