package stream.adasim.schemas.catalogue;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.apache.avro.Schema;

/** The topics as a Markdown table, for the README: the catalogue stays the only place. */
public final class TopicTable {
  private TopicTable() {}

  /** Header and one line for each topic; ends with a line break. */
  public static String markdown() {
    return "| topic | key | value | partitions | kept | who writes -> who reads | what it is for |\n"
        + "|---|---|---|---|---|---|---|\n"
        + Arrays.stream(Topic.values()).map(TopicTable::row).collect(Collectors.joining());
  }

  private static String row(Topic topic) {
    return "| `%s` | %s | %s | %s | %s | %s -> %s | %s |\n"
        .formatted(
            topic.baseName(),
            topic.key(),
            value(topic),
            topic.byImage() ? "P" : "1",
            topic.kept(),
            topic.writers(),
            topic.readers(),
            topic.purpose());
  }

  private static String value(Topic topic) {
    Schema schema = topic.valueSchema();
    if (schema != null) {
      return "`" + schema.getName() + "`";
    }
    return topic == Topic.TRAINING_LEASE ? "none" : "original bytes";
  }
}
