package stream.adasim.bench.gate;

import java.util.SplittableRandom;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import stream.adasim.learner.augment.Views;
import stream.adasim.standalone.labelled.Embedder.Look;

/** What an image searches with. */
sealed interface Query {
  /** The clean view, which finds the same each time. */
  record Clean() implements Query {
    @Override
    public String toString() {
      return "clean";
    }
  }

  /** The training view, which is what is searched, too. */
  record Faithful() implements Query {
    @Override
    public String toString() {
      return "faithful";
    }
  }

  /**
   * A weak view.
   *
   * @param area share of the area that the smallest crop takes
   */
  record Weak(double area) implements Query {
    @Override
    public String toString() {
      return "of " + area + " or more";
    }
  }

  default Look look(SplittableRandom random) {
    return switch (this) {
      case Clean _ -> Views::clean;
      case Faithful _ ->
          (views, image, out, offset) -> views.first(image, random.split(), out, offset);
      case Weak(double area) ->
          (views, image, out, offset) -> views.weak(image, area, random.split(), out, offset);
    };
  }

  /** What the memory holds of an image. */
  default Query stored() {
    return this instanceof Faithful ? this : new Clean();
  }

  /** Reads one from the command line. */
  final class Converter implements ITypeConverter<Query> {
    @Override
    public Query convert(String given) {
      return switch (given) {
        case "clean" -> new Clean();
        case "faithful" -> new Faithful();
        default -> new Weak(area(given));
      };
    }

    private static double area(String given) {
      try {
        double area = Double.parseDouble(given);
        if (area > 0 && area <= 1) {
          return area;
        }
      } catch (NumberFormatException e) {
        // Said below, with what is expected.
      }
      throw new TypeConversionException(
          "'%s' is no query: expected clean, faithful, or the least area of weak ones, above 0, at most 1"
              .formatted(given));
    }
  }
}
