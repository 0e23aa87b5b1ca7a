package stream.adasim.compute.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final String NAME = NativeLibrary.names().getFirst();

  @TempDir Path cache;

  @Test
  void unpacksOnceAndTakesWhatIsThere() throws IOException {
    Path file = NativeLibrary.unpacked(NAME, cache);
    assertThat(Files.size(file)).isGreaterThan(100_000);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    assertThat(NativeLibrary.unpacked(NAME, cache)).isEqualTo(file);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(1_000_000));
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void unpacksAnewWhatWasDamaged() throws IOException {
    Path file = NativeLibrary.unpacked(NAME, cache);
    byte[] whole = Files.readAllBytes(file);
    byte[] damaged = whole.clone();
    damaged[whole.length / 2] ^= 1;
    Files.write(file, damaged);
    assertThat(Files.readAllBytes(NativeLibrary.unpacked(NAME, cache))).isEqualTo(whole);
  }

  @Test
  void namesTheFolderThatCannotBeWritten() throws IOException {
    Path file = Files.createFile(cache.resolve("a-file"));
    assertThatThrownBy(() -> NativeLibrary.unpacked(NAME, file))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("XDG_CACHE_HOME");
  }

  @Test
  void namesThePlatformWhoseLibraryIsMissing() {
    assertThatThrownBy(() -> NativeLibrary.unpacked("libnothing.so", cache))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(NativeLibrary.platform() + "/libnothing.so")
        .hasMessageContaining("backend nd4j");
  }
}
