package stream.adasim.standalone.picture;

/** Colours that colour-blind people tell apart (Okabe and Ito 2008). */
final class Palette {
  private static final String[] COLOURS = {
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555", "#8c6d31"
  };

  /** Dashes for more series than there are colours, and for print without any. */
  private static final String[] DASHES = {"", "6 3", "2 2", "8 3 2 3"};

  private Palette() {}

  static String colour(int series) {
    return COLOURS[series % COLOURS.length];
  }

  static String dash(int series) {
    return DASHES[series / COLOURS.length % DASHES.length];
  }
}
