package stream.adasim.learner.window;

/** What the window did with an image put into it. */
public enum PutResult {
  /** New in the window. */
  ADDED,
  /** The same content again: offset and metadata were updated, place and visits kept. */
  REFRESHED,
  /** Other content under a known id. */
  REPLACED,
  /** Older than what the window holds under this id: ignored. */
  STALE,
  /** Alone larger than the window may be: not held, nor is what it would have replaced. */
  TOO_LARGE,
  /** New, but not in the even sample that a full window keeps. */
  NOT_SAMPLED,
  /** While refilling: these are the bytes of an image of the manifest. */
  REFILLED,
  /** While refilling: not in the manifest with this content, ignored. */
  NOT_IN_MANIFEST
}
