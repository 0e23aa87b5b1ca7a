package stream.adasim.ingest.source;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.random.RandomGenerator;

/**
 * Draws one shape or texture over a background with clutter. Lengths are in units of half the
 * image's side, with the origin in its middle.
 */
final class Drawing {
  /** Least squared distance, in RGB units of 0..1, between the subject and its background. */
  private static final double CONTRAST = 0.2;

  private final Graphics2D graphics;
  private final RandomGenerator random;

  Drawing(BufferedImage image, RandomGenerator random) {
    this.graphics = image.createGraphics();
    this.random = random;
    double half = image.getWidth() / 2.0;
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    graphics.scale(half, half);
    graphics.translate(1, 1);
  }

  void draw(Shape shape) {
    Color near = colour();
    Color far = blend(near, colour(), 0.5);
    graphics.setPaint(
        new GradientPaint(-1, (float) between(-1, 1), near, 1, (float) between(-1, 1), far));
    graphics.fill(new Rectangle2D.Double(-1, -1, 2, 2));
    clutter(blend(near, far, 0.5));
    graphics.setPaint(contrasting(near, far));
    graphics.translate(between(-0.3, 0.3), between(-0.3, 0.3));
    graphics.rotate(between(0, 2 * Math.PI));
    double scale = between(0.45, 0.8);
    graphics.scale(scale, scale * between(0.85, 1.15));
    switch (shape) {
      case CIRCLE -> solid(disc(0, 0, 1));
      case SQUARE -> solid(new Rectangle2D.Double(-0.85, -0.85, 1.7, 1.7));
      case TRIANGLE -> solid(polygon(3, 1, 1));
      case STAR -> solid(polygon(10, 1.1, 0.45));
      case CROSS -> solid(cross());
      case STRIPES -> textured(this::stripes);
      case CHECKER -> textured(this::checker);
      case DOTS -> textured(this::dots);
      case RINGS -> textured(this::rings);
      case WAVES -> textured(this::waves);
    }
    graphics.dispose();
  }

  /** Lines and blobs that hardly stand out, so that edges alone don't mean a subject. */
  private void clutter(Color background) {
    int pieces = random.nextInt(5);
    for (int i = 0; i < pieces; i++) {
      graphics.setPaint(blend(background, colour(), 0.35));
      if (random.nextBoolean()) {
        graphics.setStroke(new BasicStroke((float) between(0.03, 0.12)));
        graphics.draw(
            new Line2D.Double(between(-1, 1), between(-1, 1), between(-1, 1), between(-1, 1)));
      } else {
        graphics.fill(disc(between(-1, 1), between(-1, 1), between(0.05, 0.3)));
      }
    }
  }

  /** Filled, or as a thick outline. */
  private void solid(java.awt.Shape outline) {
    if (random.nextInt(3) == 0) {
      graphics.setStroke(
          new BasicStroke(
              (float) between(0.2, 0.35), BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
      graphics.draw(outline);
    } else {
      graphics.fill(outline);
    }
  }

  /** A texture inside a disc or a rectangle, or over everything. */
  private void textured(Runnable texture) {
    switch (random.nextInt(3)) {
      case 0 -> graphics.clip(disc(0, 0, 1.2));
      case 1 -> graphics.clip(new Rectangle2D.Double(-1.1, -1.1, 2.2, 2.2));
      default -> graphics.scale(1.2, 1.2);
    }
    texture.run();
  }

  private void stripes() {
    double period = between(0.35, 0.6);
    double width = period * between(0.35, 0.6);
    for (double x = -4; x < 4; x += period) {
      graphics.fill(new Rectangle2D.Double(x, -4, width, 8));
    }
  }

  private void checker() {
    double side = between(0.28, 0.45);
    for (int row = -12; row < 12; row++) {
      for (int column = -12 + (row & 1); column < 12; column += 2) {
        graphics.fill(new Rectangle2D.Double(column * side, row * side, side, side));
      }
    }
  }

  private void dots() {
    double period = between(0.45, 0.7);
    double radius = period * between(0.22, 0.36);
    for (double y = -4; y < 4; y += period) {
      for (double x = -4; x < 4; x += period) {
        graphics.fill(disc(x, y, radius));
      }
    }
  }

  private void rings() {
    double period = between(0.35, 0.55);
    graphics.setStroke(new BasicStroke((float) (period * between(0.35, 0.55))));
    for (double radius = period / 2; radius < 4; radius += period) {
      graphics.draw(disc(0, 0, radius));
    }
  }

  private void waves() {
    double period = between(0.4, 0.6);
    double length = between(0.7, 1.1);
    double height = between(0.18, 0.28);
    graphics.setStroke(new BasicStroke((float) (period * between(0.35, 0.5))));
    for (double y = -4; y < 4; y += period) {
      var wave = new Path2D.Double();
      wave.moveTo(-4, y);
      for (double x = -4; x < 4; x += length) {
        wave.curveTo(
            x + length / 3, y + 2 * height, x + 2 * length / 3, y - 2 * height, x + length, y);
      }
      graphics.draw(wave);
    }
  }

  private static Path2D polygon(int corners, double even, double odd) {
    var outline = new Path2D.Double();
    for (int i = 0; i < corners; i++) {
      double angle = 2 * Math.PI * i / corners;
      double radius = (i & 1) == 0 || even == odd ? even : odd;
      if (i == 0) {
        outline.moveTo(radius, 0);
      } else {
        outline.lineTo(radius * Math.cos(angle), radius * Math.sin(angle));
      }
    }
    outline.closePath();
    return outline;
  }

  private static Area cross() {
    var bar = new Rectangle2D.Double(-1.05, -0.32, 2.1, 0.64);
    var cross = new Area(bar);
    cross.add(new Area(AffineTransform.getQuadrantRotateInstance(1).createTransformedShape(bar)));
    return cross;
  }

  private static Ellipse2D disc(double x, double y, double radius) {
    return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  private Color colour() {
    return new Color(random.nextFloat(), random.nextFloat(), random.nextFloat());
  }

  private Color contrasting(Color one, Color other) {
    Color colour = colour();
    while (distance(colour, one) < CONTRAST || distance(colour, other) < CONTRAST) {
      colour = colour();
    }
    return colour;
  }

  private static double distance(Color a, Color b) {
    double red = (a.getRed() - b.getRed()) / 255.0;
    double green = (a.getGreen() - b.getGreen()) / 255.0;
    double blue = (a.getBlue() - b.getBlue()) / 255.0;
    return red * red + green * green + blue * blue;
  }

  private static Color blend(Color a, Color b, double share) {
    return new Color(
        (int) Math.round(a.getRed() + share * (b.getRed() - a.getRed())),
        (int) Math.round(a.getGreen() + share * (b.getGreen() - a.getGreen())),
        (int) Math.round(a.getBlue() + share * (b.getBlue() - a.getBlue())));
  }

  private double between(double low, double high) {
    return random.nextDouble(low, high);
  }
}
