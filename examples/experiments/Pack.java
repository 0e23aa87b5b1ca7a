import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Drawn images in a zip file, the same bytes for the same images. */
final class Pack {
  private record Entry(String name, byte[] content) {}

  private final List<Entry> entries = new ArrayList<>();

  /**
   * What a command line of INPUT OUTPUT [NAME=NUMBER ...] says.
   *
   * @param defaults of all names that there are
   */
  static Map<String, Double> numbers(String[] args, Map<String, Double> defaults) {
    Map<String, Double> given = new HashMap<>(defaults);
    for (String arg : List.of(args).subList(2, args.length)) {
      String[] pair = arg.split("=", 2);
      if (pair.length != 2 || given.put(pair[0], Double.valueOf(pair[1])) == null) {
        throw new IllegalArgumentException(arg + ": expected one of " + defaults.keySet() + " = number");
      }
    }
    return given;
  }

  /**
   * Takes one view of what the label names.
   *
   * @param learnt whether it is to learn from, and not held out
   */
  void add(boolean learnt, String label, int view, BufferedImage image) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    String name = "%s/%s/%02d.png".formatted(learnt ? "train" : "test", label, view);
    entries.add(new Entry(name, png.toByteArray()));
  }

  /** Writes all of them in a random order. */
  void write(Path file, Random random) throws IOException {
    Collections.shuffle(entries, random);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Entry entry : entries) {
        ZipEntry head = new ZipEntry(entry.name());
        head.setTime(0);
        zip.putNextEntry(head);
        zip.write(entry.content());
      }
    }
    System.out.println(entries.size() + " images in " + file);
  }
}
