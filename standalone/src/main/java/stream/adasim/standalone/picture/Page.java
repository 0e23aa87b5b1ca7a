package stream.adasim.standalone.picture;

import java.util.List;

/** One HTML page that asks for nothing from outside, readable on screen and in print. */
public final class Page {
  private static final String STYLE =
      """
      body { font: 15px/1.45 system-ui, sans-serif; color: #1a1a1a; background: #fff;
             max-width: 960px; margin: 2em auto; padding: 0 1em; }
      h1 { font-size: 1.7em; margin-bottom: .2em; }
      h2 { font-size: 1.25em; margin-top: 2em; border-bottom: 1px solid #ccc; }
      h3 { font-size: 1.05em; margin-bottom: .3em; }
      svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; display: block; }
      .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(400px, 1fr));
              gap: 1.2em; }
      figure { margin: 0; break-inside: avoid; }
      table { border-collapse: collapse; margin: .8em 0; font-size: .92em; }
      th, td { padding: .25em .7em; border-bottom: 1px solid #ddd; text-align: right; }
      th:first-child, td:first-child { text-align: left; }
      thead th { border-bottom: 2px solid #888; vertical-align: bottom; }
      .verdict { background: #f3f6f9; border-left: 4px solid #0072b2; padding: .6em 1em; }
      .scroll { overflow-x: auto; }
      .note { color: #555; font-size: .92em; }
      pre { background: #f5f5f5; padding: .7em; overflow-x: auto; font-size: .85em; }
      @media print { body { margin: 0; max-width: none; font-size: 11px; }
                     h2 { break-after: avoid; } .grid { grid-template-columns: 1fr 1fr; } }
      """;

  private final String title;
  private final StringBuilder body = new StringBuilder();

  public Page(String title) {
    this.title = title;
  }

  public Page heading(String text) {
    body.append("<h2>").append(Text.escaped(text)).append("</h2>\n");
    return this;
  }

  public Page subheading(String text) {
    body.append("<h3>").append(Text.escaped(text)).append("</h3>\n");
    return this;
  }

  public Page paragraph(String text) {
    body.append("<p>").append(Text.escaped(text)).append("</p>\n");
    return this;
  }

  /** Small print. */
  public Page note(String text) {
    body.append("<p class=\"note\">").append(Text.escaped(text)).append("</p>\n");
    return this;
  }

  /** What the reader came for. */
  public Page verdict(List<String> sentences) {
    body.append("<div class=\"verdict\">");
    sentences.forEach(text -> body.append("<p>").append(Text.escaped(text)).append("</p>\n"));
    body.append("</div>\n");
    return this;
  }

  public Page picture(String svg) {
    body.append("<figure>").append(svg).append("</figure>\n");
    return this;
  }

  /** Pictures side by side where there is room. */
  public Page pictures(List<String> svgs) {
    body.append("<div class=\"grid\">\n");
    svgs.forEach(this::picture);
    body.append("</div>\n");
    return this;
  }

  /**
   * A table.
   *
   * @param rows as many cells each as the head has
   */
  public Page table(List<String> head, List<List<String>> rows) {
    body.append("<div class=\"scroll\"><table><thead>");
    row("th", head);
    body.append("</thead><tbody>\n");
    rows.forEach(cells -> row("td", cells));
    body.append("</tbody></table></div>\n");
    return this;
  }

  private void row(String tag, List<String> cells) {
    body.append("<tr>");
    for (String cell : cells) {
      body.append("<%1$s>%2$s</%1$s>".formatted(tag, Text.escaped(cell)));
    }
    body.append("</tr>\n");
  }

  /** Text as it is, such as a file. */
  public Page verbatim(String text) {
    body.append("<pre>").append(Text.escaped(text)).append("</pre>\n");
    return this;
  }

  /** The whole page. */
  public String html() {
    return """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>%1$s</title>
        <style>
        %2$s</style>
        </head>
        <body>
        <h1>%1$s</h1>
        %3$s</body>
        </html>
        """
        .formatted(Text.escaped(title), STYLE, body);
  }
}
