package stream.adasim.schemas.settings;

import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;

/** Allows what a topic's name may begin with. */
final class TopicPrefix implements ConfigDef.Validator {
  static final TopicPrefix INSTANCE = new TopicPrefix();

  // A topic's name has at most 249 characters; 200 leave room for our names and Streams' suffixes.
  private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{0,200}");

  private TopicPrefix() {}

  @Override
  public void ensureValid(String name, Object value) {
    if (!LEGAL.matcher(String.valueOf(value)).matches()) {
      throw new ConfigException(name, value, "expected " + this);
    }
  }

  @Override
  public String toString() {
    return "at most 200 letters, digits, dots, underscores or hyphens";
  }
}
