package stream.adasim.schemas.registry;

/** How versions of one subject must fit together; the registry's own words. */
public enum Compatibility {
  BACKWARD,
  BACKWARD_TRANSITIVE,
  FORWARD,
  FORWARD_TRANSITIVE,
  FULL,
  FULL_TRANSITIVE,
  NONE
}
