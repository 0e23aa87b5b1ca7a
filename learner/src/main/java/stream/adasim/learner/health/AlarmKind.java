package stream.adasim.learner.health;

import java.util.Locale;

/** What an alarm is about. */
public enum AlarmKind {
  /** Teacher and loss are at ln K: every image gets every prototype. */
  UNIFORM_COLLAPSE,
  /** All images get the same few prototypes. */
  ONE_MODE_COLLAPSE,
  /** Features spread half as far as at the beginning. */
  FEATURE_STD,
  /** Features use far fewer dimensions than they did. */
  RANK_ME,
  /** Different images have nearly the same feature. */
  MEAN_COSINE,
  /** The same, by the nearest pairs. */
  UNIFORMITY,
  /** Images find themselves, or the same neighbours again, much less often than lately. */
  RETRIEVAL,
  /** Few images are named by many votes. */
  HUBS,
  /** More and more partners while the rank falls. */
  PARTNER_SPIRAL;

  /** As it is written in logs and records: {@code uniform-collapse}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
