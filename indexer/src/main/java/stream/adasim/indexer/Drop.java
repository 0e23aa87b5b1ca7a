package stream.adasim.indexer;

/** Why a good record changes nothing. */
public enum Drop {
  /** An arrival that is not newer than what was published: a redelivery, or overtaken. */
  NOT_NEWER,
  /** An arrival or a visit of an image that was deleted afterwards. */
  DELETED,
  /** A visit that was counted already. */
  COUNTED,
  /** A deletion that was carried out already, or of an image that was sent again afterwards. */
  SUPERSEDED_DELETION
}
