package stream.adasim.learner.decode;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the scan of a JPEG file of the plain kind, the kind that {@link BaselineJpeg}
 * decodes: Huffman-coded baseline, 8 bits, grey or YCbCr, one scan, colours at full size or halved
 * (ITU-T T.81, annex B).
 *
 * @param width of the image in pixels
 * @param height of the image in pixels
 * @param components one, or luma and the two colours, in the order of the scan
 * @param restartInterval MCUs between two restart markers, 0 where there are none
 * @param scan where the entropy-coded data begin
 */
@SuppressWarnings("ArrayRecordComponent") // made once, read in a hot loop, never compared
record JpegHeader(int width, int height, Component[] components, int restartInterval, int scan) {
  private static final int BASELINE = 0xC0;
  private static final int EXTENDED = 0xC1;

  /**
   * One component.
   *
   * @param across samples of it per MCU and block row, in blocks
   * @param down the same, vertically
   * @param steps quantisation steps in zigzag order
   */
  @SuppressWarnings("ArrayRecordComponent") // read in the innermost loop, never compared
  record Component(
      int across, int down, short[] steps, HuffmanTable direct, HuffmanTable alternating) {}

  /**
   * Reads the header.
   *
   * @return null where the file is of another kind or makes no sense: other decoders decide then
   */
  static @Nullable JpegHeader read(ByteBuffer file) {
    try {
      return new Reader(file).read();
    } catch (IndexOutOfBoundsException e) {
      return null;
    }
  }

  /** Blocks per MCU horizontally. */
  int mcuAcross() {
    return components[0].across;
  }

  /** Blocks per MCU vertically. */
  int mcuDown() {
    return components[0].down;
  }

  /** Collects what the segments say. */
  private static final class Reader {
    private final ByteBuffer file;
    private final short[][] steps = new short[4][];
    private final HuffmanTable[] direct = new HuffmanTable[4];
    private final HuffmanTable[] alternating = new HuffmanTable[4];
    private int frame = -1;
    private int restartInterval;
    private boolean jfif;
    private int adobeTransform = -1;

    Reader(ByteBuffer file) {
      this.file = file;
    }

    @Nullable JpegHeader read() {
      int at = 2;
      while (true) {
        if (file.get(at) != (byte) 0xFF) {
          return null;
        }
        while (file.get(at + 1) == (byte) 0xFF) {
          at++;
        }
        int marker = unsigned(at + 1);
        int body = at + 4;
        int end = at + 2 + (file.getShort(at + 2) & 0xFFFF);
        if (marker == 0xDA) {
          return header(body, end);
        }
        if (!segment(marker, body, end)) {
          return null;
        }
        at = end;
      }
    }

    private boolean segment(int marker, int body, int end) {
      switch (marker) {
        case BASELINE, EXTENDED -> {
          boolean first = frame < 0;
          frame = body;
          return first;
        }
        case 0xC4 -> {
          return huffmanTables(body, end);
        }
        case 0xDB -> {
          return quantisation(body, end);
        }
        case 0xDD -> restartInterval = file.getShort(body) & 0xFFFF;
        case 0xE0 -> jfif |= end - body >= 5 && file.getInt(body) == 0x4A464946;
        case 0xEE -> {
          if (end - body >= 12 && file.getInt(body) == 0x41646F62) { // "Adob"
            adobeTransform = unsigned(body + 11);
          }
        }
        default -> {
          // Other frames (progressive, lossless, arithmetic), and whatever may change the meaning.
          return (marker >= 0xE0 && marker <= 0xEF) || marker == 0xFE;
        }
      }
      return true;
    }

    private boolean huffmanTables(int at, int end) {
      while (at < end) {
        int id = unsigned(at);
        HuffmanTable table = HuffmanTable.read(file, at + 1);
        if (table == null || (id & 0xF) > 3 || id > 0x13 || (id < 0x10 && !table.direct())) {
          return false;
        }
        (id < 0x10 ? direct : alternating)[id & 0xF] = table;
        at += 17 + table.symbols();
      }
      return at == end;
    }

    private boolean quantisation(int at, int end) {
      while (at < end) {
        int id = unsigned(at);
        if (id > 3) { // or 16 bits per step
          return false;
        }
        short[] table = new short[64];
        for (int i = 0; i < 64; i++) {
          table[i] = (short) unsigned(at + 1 + i);
        }
        steps[id] = table;
        at += 65;
      }
      return at == end;
    }

    private @Nullable JpegHeader header(int scan, int end) {
      int count = unsigned(scan);
      if (frame < 0
          || unsigned(frame) != 8
          || unsigned(frame + 5) != count
          || (count != 1 && count != 3)
          || end != scan + 4 + 2 * count
          || (count == 3 && !luma())) {
        return null;
      }
      Component[] components = new Component[count];
      for (int i = 0; i < count; i++) {
        int place = frame + 6 + 3 * i;
        int coding = unsigned(scan + 2 + 2 * i);
        short[] table = steps[unsigned(place + 2) & 3];
        HuffmanTable dc = direct[coding >> 4 & 3];
        HuffmanTable ac = alternating[coding & 3];
        if (file.get(scan + 1 + 2 * i) != file.get(place)
            || unsigned(place + 2) > 3
            || (coding & 0xCC) != 0
            || table == null
            || dc == null
            || ac == null) {
          return null;
        }
        int sampling = unsigned(place + 1);
        if ((sampling & 0xF) < 1 || (sampling & 0xF) > 4 || sampling < 0x10 || sampling > 0x4F) {
          return null;
        }
        components[i] = new Component(sampling >> 4, sampling & 0xF, table, dc, ac);
      }
      if (count == 1) { // a scan of its own has one block per MCU, whatever the sampling says
        Component only = components[0];
        components[0] = new Component(1, 1, only.steps, only.direct, only.alternating);
      }
      int height = file.getShort(frame + 1) & 0xFFFF;
      int width = file.getShort(frame + 3) & 0xFFFF;
      return width > 0 && height > 0 && sampled(components)
          ? new JpegHeader(width, height, components, restartInterval, end)
          : null;
    }

    /** Whether three components are surely luma and colours, by whichever sign there is. */
    private boolean luma() {
      if (adobeTransform >= 0) {
        return adobeTransform == 1;
      }
      return jfif
          || (unsigned(frame + 6) == 1 && unsigned(frame + 9) == 2 && unsigned(frame + 12) == 3);
    }

    /** Whether colours are at full size, halved horizontally, or halved both ways. */
    private static boolean sampled(Component[] components) {
      Component luma = components[0];
      boolean usual =
          (luma.across == 1 && luma.down == 1)
              || (luma.across == 2 && (luma.down == 1 || luma.down == 2));
      for (int i = 1; i < components.length; i++) {
        usual &= components[i].across == 1 && components[i].down == 1;
      }
      return usual;
    }

    private int unsigned(int at) {
      return file.get(at) & 0xFF;
    }
  }
}
