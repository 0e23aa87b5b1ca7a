package stream.adasim.standalone.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import stream.adasim.standalone.picture.Bars;
import stream.adasim.standalone.picture.Page;
import stream.adasim.standalone.picture.Text;

/**
 * Representations measured on the same images.
 *
 * @param model which one was asked about
 * @param data where the images come from
 * @param bank how many images were learned from and compared with
 * @param heldOut how many were classified
 * @param remarks what a reader must know of the numbers
 * @param subjects the model first, then what it is compared with
 */
public record EvaluationReport(
    String model,
    String data,
    int bank,
    int heldOut,
    List<String> classes,
    List<String> remarks,
    List<Subject> subjects) {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  public EvaluationReport {
    classes = List.copyOf(classes);
    remarks = List.copyOf(remarks);
    subjects = List.copyOf(subjects);
  }

  /** Indented JSON; accuracies within 0..1. */
  public String json() {
    try {
      return JSON.writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report of numbers and texts is always JSON", e);
    }
  }

  /** A table for a terminal. */
  public String text() {
    StringBuilder out = new StringBuilder();
    out.append("model     ").append(model).append('\n');
    out.append("data      ").append(data).append('\n');
    out.append(
        String.format(
            Locale.ROOT,
            "images    %,d to learn from and compare with, %,d held out, %d classes%n%n",
            bank,
            heldOut,
            classes.size()));
    List<List<String>> rows = rows();
    out.append(String.format(Locale.ROOT, "%-36s", ""));
    subjects.forEach(subject -> out.append(String.format(Locale.ROOT, "%-26s", subject.name())));
    out.append('\n');
    for (List<String> row : rows) {
      out.append(String.format(Locale.ROOT, "%-36s", row.getFirst()));
      row.subList(1, row.size())
          .forEach(cell -> out.append(String.format(Locale.ROOT, "%-26s", cell)));
      out.append('\n');
    }
    remarks.forEach(remark -> out.append('\n').append(remark));
    return out.append('\n').toString();
  }

  /** A page with pictures that needs nothing from outside. */
  public String html() {
    Page page = new Page("Evaluation of " + model);
    page.paragraph(
        String.format(
            Locale.ROOT,
            "%s: %,d images to learn from and compare with, %,d held out, %d classes.",
            data,
            bank,
            heldOut,
            classes.size()));
    page.picture(svg());
    List<String> head = new ArrayList<>();
    head.add("");
    subjects.forEach(subject -> head.add(subject.name()));
    page.table(head, rows());
    remarks.forEach(page::note);
    return page.html();
  }

  /** The accuracies as bars with their intervals. */
  public String svg() {
    Bars bars = new Bars("% right");
    for (int s = 0; s < subjects.getFirst().scores().size(); s++) {
      for (int i = 0; i < subjects.size(); i++) {
        Score score = subjects.get(i).scores().get(s);
        bars.add(
            score.title(),
            subjects.get(i).name(),
            100 * score.value(),
            100 * score.low(),
            100 * score.high(),
            i);
      }
    }
    return bars.svg();
  }

  private List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    for (int s = 0; s < subjects.getFirst().scores().size(); s++) {
      List<String> row = new ArrayList<>();
      row.add(subjects.getFirst().scores().get(s).title());
      for (Subject subject : subjects) {
        Score score = subject.scores().get(s);
        row.add(
            Text.percent(score.value())
                + " ("
                + Text.number(100 * score.low(), 1)
                + " to "
                + Text.number(100 * score.high(), 1)
                + ")");
      }
      rows.add(row);
    }
    rows.add(row("RankMe", subjects.stream().map(subject -> figure(subject.rankMe(), 1)).toList()));
    rows.add(
        row(
            "Alignment",
            subjects.stream().map(subject -> figure(subject.alignment(), 3)).toList()));
    rows.add(
        row(
            "Uniformity",
            subjects.stream().map(subject -> figure(subject.uniformity(), 3)).toList()));
    rows.add(
        row(
            "Dimensions",
            subjects.stream().map(subject -> Integer.toString(subject.dim())).toList()));
    return rows;
  }

  private static String figure(@Nullable Double value, int decimals) {
    return value == null ? "-" : Text.number(value, decimals);
  }

  private static List<String> row(String name, List<String> cells) {
    List<String> row = new ArrayList<>();
    row.add(name);
    row.addAll(cells);
    return row;
  }
}
