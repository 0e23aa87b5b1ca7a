package stream.adasim.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageFormatTest {

  private static ByteBuffer file(String start) {
    return ByteBuffer.wrap(Arrays.copyOf(start.getBytes(StandardCharsets.ISO_8859_1), 64));
  }

  @ParameterizedTest
  @CsvSource({
    "ÿØÿà, image/jpeg",
    "GIF87a, image/gif",
    "GIF89a, image/gif",
    "RIFF....WEBPVP8, image/webp",
    "II*, image/tiff"
  })
  void tellsAFormatByItsFirstBytes(String start, String mediaType) {
    assertThat(ImageFormat.of(file(start)))
        .hasValueSatisfying(format -> assertThat(format.mediaType()).isEqualTo(mediaType));
  }

  @Test
  void tellsBigEndianTiffAndPng() {
    assertThat(ImageFormat.of(file("MM\0*"))).hasValue(ImageFormat.TIFF);
    assertThat(ImageFormat.of(ByteBuffer.wrap(Samples.png(1)))).hasValue(ImageFormat.PNG);
  }

  @Test
  void asksForMoreThanTwoLettersOfABitmap() {
    ByteBuffer bitmap = file("BM");
    bitmap.put(14, (byte) 40);

    assertThat(ImageFormat.of(bitmap)).hasValue(ImageFormat.BMP);
    assertThat(ImageFormat.of(file("BM is a car maker, more or less"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"RIFF....WAVE", "hello", "GIF88a"})
  void takesNothingElse(String start) {
    assertThat(ImageFormat.of(file(start))).isEmpty();
  }

  @Test
  void readsFilesShorterThanAnyMagic() {
    assertThat(ImageFormat.of(ByteBuffer.wrap(new byte[] {'R', 'I', 'F', 'F'}))).isEmpty();
    assertThat(ImageFormat.of(ByteBuffer.allocate(0))).isEmpty();
  }
}
