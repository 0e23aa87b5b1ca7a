package stream.adasim.learner.adasim;

/** Whose second view an image is trained against. */
public enum PartnerPolicy {
  /** Its own: plain self-distillation. */
  SELF,
  /** Its nearest other image, always: the naive way, for comparison. */
  NEAREST,
  /** Its own, or a neighbour's where the accumulated votes show that neighbours are reliable. */
  ADASIM,
  /** AdaSim's choice among the candidates without its gate, to see what the gate is good for. */
  ADASIM_NO_GATE,
  /** Any other image of the window: what wrong partners do. */
  RANDOM,
  /** Another image with the same label: what right partners could do. Needs labels. */
  ORACLE
}
