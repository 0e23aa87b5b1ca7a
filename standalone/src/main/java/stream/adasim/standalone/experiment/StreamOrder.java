package stream.adasim.standalone.experiment;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import stream.adasim.learner.trainer.OfflineImage;
import stream.adasim.standalone.labelled.Example;

/** In which order the images of a data set come, and when. */
public enum StreamOrder {
  /** All are there from the first step on. */
  AT_ONCE,
  /** One after the other, evenly over the run, in a random order. */
  SHUFFLED,
  /** Likewise, all images of a class before the next class; the classes in a random order. */
  CLASS_BY_CLASS,
  /** Likewise in a random order, from half the brightness to one and a half. */
  BRIGHTNESS,
  /** Likewise, from sharp to a blur of sigma a sixteenth of the short side. */
  BLUR,
  /** Likewise, the hue turned from nothing to half a circle. */
  COLOUR;

  /** How files and reports name it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All names, for messages. */
  static List<String> names() {
    return Arrays.stream(values()).map(StreamOrder::text).toList();
  }

  /**
   * The order of a name.
   *
   * @throws ExperimentException if there is none
   */
  static StreamOrder of(String text) {
    return Arrays.stream(values())
        .filter(order -> order.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new ExperimentException(
                    "stream.order: found '"
                        + text
                        + "'; expected one of "
                        + String.join(", ", names())));
  }

  /** The images in their order, changed where the stream drifts. */
  List<OfflineImage> arrivals(List<Example> images, long seed) {
    Random random = Random.from(new SplittableRandom(seed));
    List<Example> ordered = new ArrayList<>(images);
    Collections.shuffle(ordered, random);
    if (this == CLASS_BY_CLASS) {
      Map<String, List<Example>> classes = new LinkedHashMap<>();
      ordered.forEach(
          image ->
              classes
                  .computeIfAbsent(String.valueOf(image.label()), label -> new ArrayList<>())
                  .add(image));
      ordered = classes.values().stream().flatMap(List::stream).toList();
    }
    List<OfflineImage> arrivals = new ArrayList<>(ordered.size());
    for (int i = 0; i < ordered.size(); i++) {
      arrivals.add(arrival(ordered.get(i), (double) i / Math.max(1, ordered.size() - 1)));
    }
    return arrivals;
  }

  private OfflineImage arrival(Example image, double progress) {
    return switch (this) {
      case AT_ONCE, SHUFFLED, CLASS_BY_CLASS -> plain(image);
      case BRIGHTNESS -> Drift.brightness(image, 0.5 + progress);
      case BLUR -> Drift.blur(image, progress / 16);
      case COLOUR -> Drift.hue(image, Math.PI * progress);
    };
  }

  private static OfflineImage plain(Example image) {
    return new OfflineImage(
        image.id(),
        image.bytes(),
        image.pixels(),
        image.source(),
        image.label(),
        image.capturedAt());
  }

  /** How many of the images are there when a step begins: evenly, so that the last come in time. */
  int arrived(int images, long step, long steps) {
    return this == AT_ONCE
        ? images
        : (int) Math.min(images, Math.ceilDiv(images * (step + 1), Math.max(1, steps)));
  }
}
