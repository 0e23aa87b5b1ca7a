package stream.adasim.standalone.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;

/** What an audit found. */
public record AuditReport(Ends ends, Models models, Memory memory) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /**
   * How what was produced ended.
   *
   * @param ids distinct ids on {@code images}, and its records without one
   * @param letters dead letters; a redelivery may repeat one
   * @param waiting ids without an end yet
   */
  public record Ends(
      long ids,
      long embedded,
      long deleted,
      long deadLettered,
      long letters,
      long waiting,
      List<String> waitingFor,
      long faults,
      List<String> examples) {}

  /** The versions of the model; {@code newest} is -1 where there is none. */
  public record Models(
      int models, long snapshots, long newest, long faults, List<String> examples) {}

  /**
   * Visits and the neighbourhoods that they made.
   *
   * @param repeated visits that were not counted again
   * @param agreeing neighbourhoods that are what their visits make them
   * @param left neighbourhoods of images that had left the memory and begun anew
   * @param underWay images with a visit that was not counted yet
   */
  public record Memory(
      long visits,
      long repeated,
      long neighbourhoods,
      long agreeing,
      long left,
      long underWay,
      long faults,
      List<String> examples) {}

  static AuditReport of(
      ImageEnds.Outcome ends, ModelLine.Outcome models, VisitReplay.Outcome memory) {
    return new AuditReport(
        new Ends(
            ends.ids(),
            ends.embedded(),
            ends.deleted(),
            ends.deadLettered(),
            ends.letters(),
            ends.waiting(),
            ends.waitingFor(),
            ends.faults().count(),
            ends.faults().examples()),
        new Models(
            models.models(),
            models.snapshots(),
            models.newest(),
            models.faults().count(),
            models.faults().examples()),
        new Memory(
            memory.visits(),
            memory.repeated(),
            memory.neighbourhoods(),
            memory.agreeing(),
            memory.left(),
            memory.underWay(),
            memory.faults().count(),
            memory.faults().examples()));
  }

  /** Whether something is not as promised, however long one waits. */
  public boolean faulty() {
    return ends.faults + models.faults + memory.faults > 0;
  }

  /**
   * Whether everything has arrived.
   *
   * @param settled whether no visit may be under way either: training is stopped
   */
  public boolean complete(boolean settled) {
    return ends.waiting == 0 && (!settled || memory.underWay == 0);
  }

  /** The report as a table. */
  public void print(PrintWriter out, boolean settled) {
    out.printf(
        "%-9s %,d ids: %,d embedded, %,d deleted, %,d dead-lettered (%,d letters); %,d waiting, %,d faults%n",
        "ends",
        ends.ids,
        ends.embedded,
        ends.deleted,
        ends.deadLettered,
        ends.letters,
        ends.waiting,
        ends.faults);
    lines(out, ends.waitingFor);
    lines(out, ends.examples);
    out.printf(
        "%-9s %,d model(s), %,d snapshots, newest version %,d; %,d faults%n",
        "models", models.models, models.snapshots, models.newest, models.faults);
    lines(out, models.examples);
    out.printf(
        "%-9s %,d visits, %,d of them repeated; %,d of %,d neighbourhoods are what their visits make"
            + " them, %,d had left the memory, %,d under way; %,d faults%n",
        "memory",
        memory.visits,
        memory.repeated,
        memory.agreeing,
        memory.neighbourhoods,
        memory.left,
        memory.underWay,
        memory.faults);
    lines(out, memory.examples);
    out.printf(
        "%-9s %s%n",
        "result", faulty() ? "faulty" : complete(settled) ? "as promised" : "not all has arrived");
    out.flush();
  }

  private static void lines(PrintWriter out, List<String> examples) {
    examples.forEach(example -> out.println("          - " + example));
  }

  /** The report for programs. */
  public String json() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
