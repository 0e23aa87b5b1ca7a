package stream.adasim.standalone.labelled;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import stream.adasim.ingest.source.Item;
import stream.adasim.ingest.source.Items;
import stream.adasim.ingest.source.Order;
import stream.adasim.ingest.source.Skipped;
import stream.adasim.ingest.source.Source;
import stream.adasim.ingest.source.SourceException;
import stream.adasim.ingest.source.SourceImage;
import stream.adasim.ingest.source.Sources;
import stream.adasim.ingest.source.Synthetic;
import stream.adasim.ingest.source.Unreadable;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.decode.Decoding;
import stream.adasim.learner.decode.ImageDecoder;

/**
 * The decodable images of a folder, an archive, an IDX file or of generated ones, in a shuffled
 * order that depends on the images' number alone.
 *
 * @param place as it was asked for
 * @param unreadable how many things should have been an image and are none
 */
public record ImageSet(String place, List<Example> images, int unreadable) {
  private static final String ENTRY = "!/";
  private static final String SYNTHETIC = "synthetic:";
  private static final int SYNTHETIC_SIDE = 32;

  public ImageSet {
    images = List.copyOf(images);
  }

  /**
   * Reads a set.
   *
   * @param place a path as ingest takes it; {@code archive.tar!/folder} for a folder in an archive;
   *     {@code synthetic:N} for N generated images
   * @param most images that are kept, the others being left out at random
   * @param shortSide size of the views that will be made
   * @throws SourceException where there is no such source, or no image in it
   */
  public static ImageSet read(String place, int most, DecodeLimits limits, int shortSide) {
    int entry = place.indexOf(ENTRY);
    Source source = source(entry < 0 ? place : place.substring(0, entry), limits.maxBytes());
    String prefix = entry < 0 ? "" : source.name() + place.substring(entry);
    ImageDecoder decoder = new ImageDecoder(limits);
    List<SourceImage> encoded = new ArrayList<>();
    int unreadable = 0;
    try (Items items = source.items(new Order.AsStored())) {
      for (Item item = items.next(); item != null; item = items.next()) {
        switch (item) {
          case SourceImage image -> {
            if (within(image.id(), prefix)) {
              encoded.add(image);
            }
          }
          case Unreadable bad -> unreadable++;
          case Skipped skipped -> {}
        }
      }
    }
    Collections.shuffle(encoded, Random.from(new SplittableRandom(encoded.size())));
    List<Example> images = new ArrayList<>();
    for (SourceImage image : encoded) {
      if (images.size() == most) {
        break;
      }
      byte[] bytes = new byte[image.bytes().remaining()];
      image.bytes().duplicate().get(bytes);
      switch (decoder.decode(image.bytes().duplicate(), shortSide)) {
        case Decoding.Decoded(var pixels) ->
            images.add(
                new Example(
                    image.id(),
                    bytes,
                    pixels,
                    image.source(),
                    image.label(),
                    Objects.requireNonNullElse(image.capturedAt(), Instant.EPOCH)));
        case Decoding.Rejected rejected -> unreadable++;
      }
    }
    if (images.isEmpty()) {
      throw new SourceException(place + ": holds no image that can be decoded");
    }
    return new ImageSet(place, images, unreadable);
  }

  private static Source source(String place, int maxBytes) {
    if (!place.startsWith(SYNTHETIC)) {
      return Sources.of(Path.of(place), maxBytes);
    }
    String count = place.substring(SYNTHETIC.length());
    try {
      return new Synthetic(Integer.parseInt(count), SYNTHETIC_SIDE, 1);
    } catch (NumberFormatException e) {
      throw new SourceException(place + ": expected " + SYNTHETIC + "N, such as synthetic:4000");
    }
  }

  private static boolean within(String id, String folder) {
    return folder.isEmpty() || id.startsWith(folder.endsWith("/") ? folder : folder + "/");
  }

  /** Those that carry a label. */
  public ImageSet labelled() {
    return new ImageSet(
        place, images.stream().filter(image -> image.label() != null).toList(), unreadable);
  }

  /**
   * The same images, the source of each being a folder above it.
   *
   * @param level 1 for the folder that an image lies in, 2 for the one above it; 0 changes nothing
   * @throws SourceException if an image lies less deep
   */
  public ImageSet withSources(int level) {
    return level == 0
        ? this
        : new ImageSet(
            place,
            images.stream().map(image -> image.of(folder(image.id(), level))).toList(),
            unreadable);
  }

  private static String folder(String id, int level) {
    return SourceImage.folder(id, level)
        .orElseThrow(
            () ->
                new SourceException(
                    id
                        + " has fewer folders above it than data.source-folder="
                        + level
                        + " asks for: set that lower"));
  }

  /**
   * Divides the set: of every class the first images, rounded, are the second part.
   *
   * @param share of the second part, within 0..1
   */
  public Division divide(double share) {
    Map<String, List<Example>> classes = new LinkedHashMap<>();
    for (Example image : images) {
      classes.computeIfAbsent(String.valueOf(image.label()), label -> new ArrayList<>()).add(image);
    }
    List<Example> second = new ArrayList<>();
    for (List<Example> members : classes.values()) {
      second.addAll(members.subList(0, (int) Math.round(members.size() * share)));
    }
    List<String> held = second.stream().map(Example::id).toList();
    Set<String> ids = new HashSet<>(held);
    List<Example> first = images.stream().filter(image -> !ids.contains(image.id())).toList();
    return new Division(
        new ImageSet(place, first, unreadable), new ImageSet(place, second, unreadable));
  }

  /**
   * Two parts of a set, without an image in common.
   *
   * @param bank what is learned from and compared with
   * @param heldOut what is classified
   */
  public record Division(ImageSet bank, ImageSet heldOut) {

    /** The classes of both parts, in alphabetical order; a class's index is its number. */
    public List<String> classes() {
      return Stream.concat(bank.images.stream(), heldOut.images.stream())
          .map(Example::label)
          .filter(Objects::nonNull)
          .distinct()
          .sorted()
          .toList();
    }
  }

  /** Numbers of the images' classes, -1 where an image has no label. */
  public int[] labels(List<String> classes) {
    return images.stream().mapToInt(image -> classes.indexOf(image.label())).toArray();
  }
}
