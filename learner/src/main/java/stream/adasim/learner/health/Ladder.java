package stream.adasim.learner.health;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * What to do about alarms: one action more for every {@link #PATIENCE} mini-epochs with an alarm
 * (the first at once), all lifted after {@link #CLEAN} in a row without. Not thread-safe.
 */
final class Ladder {
  static final int CLEAN = 2;

  /** A teacher is a moving average: an action needs longer than one mini-epoch to show. */
  static final int PATIENCE = 2;

  private Action action = Action.NONE;
  private int clean;
  private int alarmed;

  Action action() {
    return action;
  }

  /** Takes the alarms of a mini-epoch; says whether the action has changed. */
  boolean take(List<Alarm> alarms) {
    if (alarms.isEmpty()) {
      clean++;
      alarmed = 0;
      boolean lifted = action != Action.NONE && clean >= CLEAN;
      action = lifted ? Action.NONE : action;
      return lifted;
    }
    clean = 0;
    alarmed++;
    if (action == Action.ROLL_BACK || (action != Action.NONE && alarmed < PATIENCE)) {
      return false;
    }
    alarmed = 0;
    action = action.next();
    return true;
  }

  void save(DataOutput out) throws IOException {
    out.writeUTF(action.name());
    out.writeInt(clean);
    out.writeInt(alarmed);
  }

  void restore(DataInput in) throws IOException {
    action = Action.valueOf(in.readUTF());
    clean = in.readInt();
    alarmed = in.readInt();
  }
}
