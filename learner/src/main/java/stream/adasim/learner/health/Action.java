package stream.adasim.learner.health;

import java.util.Locale;

/** What is in force against an alarm; each contains those before it. */
public enum Action {
  NONE,
  /** Every image is its own partner. */
  BOOTSTRAPPING_OFF,
  /** Teacher temperature and learning rate are halved too. */
  SHARPER_TEACHER,
  /** The network was taken back to the last healthy checkpoint too. */
  ROLL_BACK;

  /** The one that contains one more; the last stays. */
  Action next() {
    return switch (this) {
      case NONE -> BOOTSTRAPPING_OFF;
      case BOOTSTRAPPING_OFF -> SHARPER_TEACHER;
      case SHARPER_TEACHER, ROLL_BACK -> ROLL_BACK;
    };
  }

  /** As it is written in logs and records: {@code bootstrapping-off}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
