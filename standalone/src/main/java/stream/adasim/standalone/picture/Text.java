package stream.adasim.standalone.picture;

import java.util.Locale;

/** Words and figures in HTML and SVG. */
public final class Text {
  private Text() {}

  /** Text as HTML and SVG may hold it. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** {@link String#format} in the notation that is the same everywhere. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** A number in the notation that is the same everywhere. */
  public static String number(double value, int decimals) {
    return Double.isFinite(value) ? format("%." + decimals + "f", value) : "n/a";
  }

  /** A share in percent. */
  public static String percent(double share) {
    return number(100 * share, 1) + " %";
  }
}
