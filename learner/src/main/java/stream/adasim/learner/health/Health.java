package stream.adasim.learner.health;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.learner.objective.StepResult;

/**
 * Watches a training: measures each mini-epoch on what its steps made anyway, raises alarms and
 * decides what is done about them. The same calls give the same decisions; {@link #save} keeps
 * everything but the newest neighbourhoods and the events that wait to be reported. Not
 * thread-safe.
 */
public final class Health {
  private static final Logger log = LoggerFactory.getLogger(Health.class);
  private static final int VERSION = 1;

  /** Events that wait at most; more happen only where nobody asks for them. */
  private static final int MOST_EVENTS = 100;

  /**
   * What is watched.
   *
   * @param dim of a feature, D
   * @param minVotes from which on the sum of an image's votes counts
   * @param settlingSteps of the network that are too early to compare with
   * @param maxEntropy ln K; NaN without prototypes
   * @param acts whether alarms lead to actions
   */
  public record Watch(int dim, int minVotes, long settlingSteps, double maxEntropy, boolean acts) {}

  private final Watch watch;
  private final Map<String, Retrieval> retrievals = new HashMap<>();
  private final Alarms alarms = new Alarms();
  private final Ladder ladder = new Ladder();
  private final List<String> events = new ArrayList<>();
  private MiniEpoch current;
  private Indicators newest = new Indicators();
  private List<Alarm> raised = List.of();
  private boolean rollBackWanted;
  private long spentNanos;

  /** Nothing was seen yet. */
  public Health(Watch watch) {
    this.watch = watch;
    current = new MiniEpoch(watch.dim(), watch.minVotes(), true);
  }

  /** The newest neighbourhood of an image of the window. */
  public void neighbourhood(String id, Neighbourhood neighbourhood) {
    retrievals.put(id, Retrieval.of(id, neighbourhood));
  }

  /** Drops an image that left the window, or its votes. */
  public void forget(String id) {
    retrievals.remove(id);
  }

  /**
   * Takes a step; at the end of a mini-epoch measures it and decides.
   *
   * @param step of the model, for the messages
   * @return whether a mini-epoch has ended with it
   */
  public boolean stepped(long step, StepResult result, Visited batch) {
    long start = System.nanoTime();
    current.add(result, batch, retrievals::get);
    boolean complete = current.complete();
    if (complete) {
      finish(step, result.step() < watch.settlingSteps());
    }
    spentNanos += System.nanoTime() - start;
    return complete;
  }

  private void finish(long step, boolean settling) {
    newest = current.measure(alarms.miniEpochs());
    current = new MiniEpoch(watch.dim(), watch.minVotes(), false);
    List<Alarm> before = raised;
    raised = alarms.check(newest, settling, watch.maxEntropy());
    log.debug("event=health.measured step={} alarms={} {}", step, raised.size(), newest);
    for (Alarm alarm : raised) {
      if (before.stream().noneMatch(old -> old.kind() == alarm.kind())) {
        log.warn("event=health.alarm step={} {}", step, alarm);
        event("step " + step + " alarm " + alarm);
      }
    }
    if (watch.acts() && ladder.take(raised)) {
      rollBackWanted = ladder.action() == Action.ROLL_BACK;
      acted(step);
    }
  }

  private void acted(long step) {
    String reason =
        raised.isEmpty()
            ? Ladder.CLEAN + " mini-epochs without an alarm"
            : raised.stream().map(Alarm::toString).collect(Collectors.joining("; "));
    log.warn(
        "event=health.action step={} action={} reason=\"{}\"",
        step,
        ladder.action().label(),
        reason);
    event("step " + step + " action " + ladder.action().label() + " because of " + reason);
  }

  private void event(String event) {
    events.add(event);
    if (events.size() > MOST_EVENTS) {
      events.removeFirst();
    }
  }

  /** The alarms of the newest mini-epoch. */
  public List<Alarm> alarms() {
    return raised;
  }

  /** The indicators of the newest mini-epoch; all NaN before the first is over. */
  public Indicators indicators() {
    return newest;
  }

  /** What is in force. */
  public Action action() {
    return ladder.action();
  }

  /** Whether every image is to be its own partner. */
  public boolean bootstrappingOff() {
    return ladder.action() != Action.NONE;
  }

  /** What teacher temperature and learning rate are to be multiplied by. */
  public double tempering() {
    return ladder.action().compareTo(Action.SHARPER_TEACHER) >= 0 ? 0.5 : 1;
  }

  /** Mini-epochs that were measured. */
  public int miniEpochs() {
    return alarms.miniEpochs();
  }

  /** Whether alarms could be raised, none was by the newest mini-epoch, and nothing is in force. */
  public boolean healthy() {
    return alarms.armed() && raised.isEmpty() && ladder.action() == Action.NONE;
  }

  /** Whether the network is to be taken back, which {@link #rolledBack} answers. */
  public boolean rollBackWanted() {
    return rollBackWanted;
  }

  /**
   * Says what came of the wish to roll back. What was measured of the mini-epoch under way is
   * dropped; the actions stay until the alarms are gone.
   *
   * @param checkpoint that the network was taken back to, or null where none was healthy
   */
  public void rolledBack(long step, @Nullable String checkpoint) {
    rollBackWanted = false;
    String what =
        checkpoint == null
            ? "no roll back: no checkpoint of this process was written while healthy; training goes"
                + " on with the other actions"
            : "rolled back to " + checkpoint;
    log.warn("event=health.roll-back step={} {}", step, what);
    event("step " + step + " " + what);
    current = new MiniEpoch(watch.dim(), watch.minVotes(), false);
  }

  /** Time that all this took so far, nanoseconds. */
  public long spentNanos() {
    return spentNanos;
  }

  /** Fills in indicators, alarms, action in force, and the events since the last call. */
  public void report(TrainingProgress progress) {
    for (Indicator indicator : Indicator.values()) {
      double value = newest.get(indicator);
      progress.put(indicator.field(), Double.isNaN(value) ? null : value);
    }
    progress.setAlarms(raised.stream().map(Alarm::toString).toList());
    progress.setHealthAction(ladder.action().label());
    progress.setHealthEvents(List.copyOf(events));
    events.clear();
  }

  /** Writes what {@link #restore} needs to go on as if nothing had happened. */
  public void save(DataOutput out) throws IOException {
    out.writeInt(VERSION);
    alarms.save(out);
    ladder.save(out);
    newest.save(out);
    out.writeInt(raised.size());
    for (Alarm alarm : raised) {
      out.writeUTF(alarm.kind().name());
      out.writeUTF(alarm.figures());
      out.writeDouble(alarm.value());
      out.writeDouble(alarm.threshold());
    }
    out.writeBoolean(rollBackWanted);
    current.save(out);
  }

  /**
   * Takes over what {@link #save} wrote.
   *
   * @throws IOException if it can't be read
   */
  public void restore(DataInput in) throws IOException {
    int version = in.readInt();
    if (version != VERSION) {
      throw new IOException(
          "health has version="
              + version
              + "; expected "
              + VERSION
              + ": start without a checkpoint");
    }
    alarms.restore(in);
    ladder.restore(in);
    newest.restore(in);
    List<Alarm> read = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      read.add(
          new Alarm(
              AlarmKind.valueOf(in.readUTF()), in.readUTF(), in.readDouble(), in.readDouble()));
    }
    raised = List.copyOf(read);
    rollBackWanted = in.readBoolean();
    current = new MiniEpoch(watch.dim(), watch.minVotes(), alarms.miniEpochs() == 0);
    current.restore(in);
  }
}
