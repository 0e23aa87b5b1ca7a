package stream.adasim.learner.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void readsWhatItWrote() throws IOException {
    var random = new Random(3);
    float[] large = new float[70_001];
    for (int i = 0; i < large.length; i++) {
      large[i] = (float) random.nextGaussian();
    }
    Path file = folder.resolve("a.safetensors");
    var out = new SafetensorsWriter();
    out.add("large", List.of(1, 70_001), large);
    out.add("one", List.of(), new float[] {Float.MIN_VALUE});
    out.add("none", List.of(0, 4), new float[0]);
    out.write(file, Map.of("format", "pt", "ünï", "\"quoted\"\n"));
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      assertThat(in.metadata()).isEqualTo(Map.of("format", "pt", "ünï", "\"quoted\"\n"));
      assertThat(in.tensors())
          .extracting(TensorEntry::name)
          .containsExactly("large", "one", "none");
      assertThat(in.floats("large")).isEqualTo(large);
      assertThat(in.floats("one")).containsExactly(Float.MIN_VALUE);
      assertThat(in.floats("none")).isEmpty();
      assertThat(in.find("two")).isEmpty();
    }
    assertThat(folder)
        .isDirectoryContaining("glob:**a.safetensors")
        .isDirectoryNotContaining("glob:**.part");
  }

  /** Bytes worked out by hand: 1.5 and -2 in each kind. */
  @ParameterizedTest
  @CsvSource({
    "F32,0000c03f000000c0",
    "F16,003e00c0",
    "BF16,c03f00c0",
    "F64,000000000000f83f00000000000000c0"
  })
  void convertsEveryKindOfNumber(String kind, String hex) throws IOException {
    byte[] data = HexFormat.of().parseHex(hex);
    Path file =
        write(
            "{\"x\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%d]}}"
                .formatted(kind, data.length),
            data);
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      assertThat(in.floats("x")).containsExactly(1.5f, -2);
    }
  }

  @Test
  void alignsTheData() throws IOException {
    Path file = folder.resolve("a.safetensors");
    for (String name : List.of("a", "ab", "abc", "ä")) {
      var out = new SafetensorsWriter();
      out.add(name, List.of(1), new float[] {1});
      out.write(file, Map.of());
      assertThat((Files.size(file) - 4) % 8).isZero();
    }
  }

  @Test
  void namesATensorOfAnotherKindOrThatIsMissing() throws IOException {
    Path file =
        write("{\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]}}", new byte[8]);
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      assertThatThrownBy(() -> in.floats("n"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessage(file + ": tensor n I64[] must hold F32, F16, BF16 or F64");
      assertThatThrownBy(() -> in.floats("m"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessage(file + ": lacks tensor m; it holds 1 others");
    }
  }

  @Test
  void refusesEveryTruncatedFile() throws IOException {
    Path whole = folder.resolve("whole");
    var out = new SafetensorsWriter();
    out.add("x", List.of(2, 3), new float[6]);
    out.write(whole, Map.of());
    byte[] bytes = Files.readAllBytes(whole);
    Path file = folder.resolve("part");
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> SafetensorsFile.open(file))
          .as("%s bytes", length)
          .isInstanceOf(SafetensorsException.class)
          .hasMessageStartingWith(file + ": ");
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessage(file + ": holds 21 bytes of data, its header tells of 24: it is truncated");
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .hasMessageContaining("longer than it should");
  }

  @Test
  void refusesHeadersThatDoNotFitTheirData() throws IOException {
    refused("[1]", "must be a JSON object");
    refused("{\"x\":", "is not JSON");
    refused(tensor("F31", "[2]", "[0,8]"), "tensor x has dtype=F31, expected one of [F64, F32");
    refused(tensor("F32", "[2]", "[0,4]"), "tensor x, F32 of shape [2], has 4 bytes, expected 8");
    refused(tensor("F32", "[2]", "[8,0]"), "has -8 bytes, expected 8");
    refused(tensor("F32", "[1]", "[4,8]"), "tensor x begins at byte 4 of the data, expected 0");
    refused(tensor("F32", "[-2]", "[0,8]"), "expected lists of whole numbers");
    refused(tensor("F32", "[2.5]", "[0,8]"), "expected lists of whole numbers");
    refused(tensor("F32", "[2]", "[0]"), "two of them offsets");
    refused(tensor("F32", "[4611686018427387903]", "[4,0]"), "tensor x is too large");
    refused(tensor("F32", "[4294967296,4294967296]", "[0,8]"), "tensor x is too large");
    String x = tensor("F32", "[1]", "[0,4]");
    refused(x.substring(0, x.length() - 1) + "," + x.substring(1), "Duplicate");
    Path file = folder.resolve("text");
    Files.writeString(file, "this is a text, and a long one");
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("no safetensors file");
  }

  @Test
  void theWriterRefusesElementsThatDoNotFillTheShapeAndNamesTwice() {
    var out = new SafetensorsWriter();
    out.add("x", List.of(1), new float[1]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> out.add("x", List.of(1), new float[1]))
        .withMessageContaining("a name that is new");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> out.add("y", List.of(2, 2), new float[3]))
        .withMessageContaining("tensor y of shape [2, 2] has 3 elements, expected 4");
  }

  private static String tensor(String dtype, String shape, String offsets) {
    return "{\"x\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":%s}}"
        .formatted(dtype, shape, offsets);
  }

  private void refused(String header, String why) throws IOException {
    Path file = write(header, new byte[8]);
    assertThatThrownBy(() -> SafetensorsFile.open(file))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(why);
  }

  private Path write(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    return Files.write(folder.resolve("crafted.safetensors"), bytes.array());
  }
}
