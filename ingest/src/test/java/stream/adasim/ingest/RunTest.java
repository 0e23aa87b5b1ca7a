package stream.adasim.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.avro.Image;
import stream.adasim.ingest.IngestConfig.CapturedAt;

final class RunTest {
  private static final Drawings TWENTY = new Drawings(20, 32, 1);
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");

  @TempDir private Path temp;

  private final List<String> ids = new ArrayList<>();
  private final Map<String, @Nullable Image> last = new LinkedHashMap<>();
  private final List<String> unreadable = new ArrayList<>();
  private CapturedAt capturedAt = CapturedAt.READ;
  private int sourceFolder;
  private BooleanSupplier stop = () -> false;
  private LongSupplier nanos = () -> 0;
  private Predicate<String> known = _ -> false;

  private IngestReport run(IngestOptions options) {
    ids.clear();
    var run =
        new Run(
            capturedAt,
            sourceFolder,
            options,
            (id, image) -> {
              ids.add(id);
              last.put(id, image);
            },
            unreadable::add,
            new Progress.Quiet(),
            stop,
            known,
            () -> NOW,
            nanos);
    return run.all(options.sources(1 << 20), null);
  }

  private Image lastOf(String id) {
    return Objects.requireNonNull(last.get(id), id);
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = temp.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private static byte[] gif(int number) {
    return ("GIF89a" + number).getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void sendsEveryImageOnceInStoredOrder() {
    IngestReport report = run(IngestOptions.of(TWENTY));

    assertThat(ids)
        .hasSize(20)
        .startsWith("synthetic/1/0", "synthetic/1/1")
        .doesNotHaveDuplicates();
    assertThat(report.sent()).isEqualTo(20);
    long bytes = last.values().stream().mapToLong(image -> image.getBytes().remaining()).sum();
    assertThat(report.bytes()).isEqualTo(bytes);
  }

  @Test
  void repeatsWithTheSameIds() {
    assertThat(run(IngestOptions.of(TWENTY).withRepeat(3)).sent()).isEqualTo(60);

    assertThat(ids.subList(20, 40)).isEqualTo(ids.subList(0, 20));
    assertThat(new HashSet<>(ids)).hasSize(20);
  }

  @Test
  void shufflesEveryPassAnewAndTheSameWayEachTime() {
    run(IngestOptions.of(TWENTY).withRepeat(2).withShuffle(4));
    List<String> once = List.copyOf(ids);
    run(IngestOptions.of(TWENTY).withRepeat(2).withShuffle(4));

    assertThat(ids).isEqualTo(once);
    assertThat(ids.subList(20, 40))
        .isNotEqualTo(ids.subList(0, 20))
        .containsExactlyInAnyOrderElementsOf(ids.subList(0, 20));
  }

  @Test
  void endsAtTheLimitOverAllPasses() {
    assertThat(run(IngestOptions.of(TWENTY).withLimit(7)).sent()).isEqualTo(7);
    assertThat(run(IngestOptions.of(TWENTY).withRepeat(3).withLimit(45)).sent()).isEqualTo(45);
    assertThat(run(IngestOptions.of(TWENTY).withLimit(100)).sent()).isEqualTo(20);
  }

  @Test
  void countsWhatIsNotSentOnceHoweverOftenItIsRead() throws IOException {
    write("in/a.gif", gif(1));
    write("in/b.gif", new byte[0]);
    write("in/README", gif(2));

    IngestReport report = run(IngestOptions.of(List.of(temp.resolve("in"))).withRepeat(3));

    assertThat(report).isEqualTo(new IngestReport(3, 0, 3L * gif(1).length, 1, 1, 0));
    assertThat(unreadable).containsExactly("in/b.gif: is empty");
  }

  @Test
  void passesOverWhatTheTopicHoldsAlready() {
    known = id -> id.endsWith("3");

    IngestReport report = run(IngestOptions.of(TWENTY));

    assertThat(ids).hasSize(18).doesNotContain("synthetic/1/3", "synthetic/1/13");
    assertThat(report.sent()).isEqualTo(18);
    assertThat(report.known()).isEqualTo(2);
  }

  @Test
  void deletesFirstAndByTheIdsAsGiven() throws IOException {
    Path file = write("in/a.gif", gif(1));
    var options =
        new IngestOptions(
            List.of(file.getParent()),
            Optional.empty(),
            List.of("x", "other/y"),
            "site1/",
            OptionalDouble.empty(),
            1,
            OptionalLong.empty(),
            OptionalLong.empty(),
            false,
            false);

    IngestReport report = run(options);

    assertThat(ids).containsExactly("x", "other/y", "site1/in/a.gif");
    assertThat(last.get("x")).isNull();
    assertThat(report.deleted()).isEqualTo(2);
    assertThat(report.sent()).isEqualTo(1);
  }

  @Test
  void writesWhatItKnowsIntoTheRecord() throws IOException {
    Path file = write("in/cat/a.gif", gif(1));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000));
    var options = IngestOptions.of(List.of(temp.resolve("in")));

    run(options);
    Image image = lastOf("in/cat/a.gif");
    assertThat(image.getBytes().array()).isEqualTo(gif(1));
    assertThat(image.getMediaType()).isEqualTo("image/gif");
    assertThat(image.getLabel()).isEqualTo("cat");
    assertThat(image.getSource()).isEqualTo("in");
    assertThat(image.getCapturedAt()).isEqualTo(NOW);

    capturedAt = CapturedAt.MODIFIED;
    run(options);
    assertThat(lastOf("in/cat/a.gif").getCapturedAt()).isEqualTo(Instant.ofEpochMilli(1_000_000));
    run(IngestOptions.of(TWENTY));
    assertThat(lastOf("synthetic/1/0").getCapturedAt()).as("has no time").isEqualTo(NOW);
  }

  @Test
  void stopsBetweenImages() {
    stop = () -> ids.size() >= 5;

    assertThat(run(IngestOptions.of(TWENTY).withRepeat(1000)).sent()).isEqualTo(5);
  }

  @Test
  void stopsWhileItWaitsForTheRate() {
    var asked = new AtomicLong();
    stop = () -> asked.incrementAndGet() > 10;

    IngestReport report = run(IngestOptions.of(TWENTY).withRate(0.001));

    assertThat(report.sent()).isEqualTo(1);
  }

  @Test
  void keepsTheRate() {
    var clock = new AtomicLong();
    List<Long> times = new ArrayList<>();
    nanos = () -> clock.addAndGet(1_000); // each look at the clock takes a microsecond
    var options = IngestOptions.of(TWENTY).withRate(20_000);
    new Run(
            capturedAt,
            sourceFolder,
            options,
            (_, _) -> times.add(clock.get()),
            unreadable::add,
            new Progress.Quiet(),
            stop,
            _ -> false,
            () -> NOW,
            nanos)
        .all(options.sources(1 << 20), null);

    assertThat(times).hasSize(20);
    assertThat(times.getLast() - times.getFirst())
        .isBetween(19 * 50_000L - 5_000, 19 * 50_000L + 5_000);
  }

  @Test
  void aFolderNamesTheSourceWhereThatIsAskedFor() throws IOException {
    write("seen/left/cat/1.gif", gif(1));
    write("seen/right/2.gif", gif(2));
    var options = IngestOptions.of(List.of(temp.resolve("seen")));

    run(options);
    assertThat(lastOf("seen/left/cat/1.gif").getSource()).isEqualTo("seen");

    sourceFolder = 2;
    run(options.withIdPrefix("a/"));
    assertThat(lastOf("a/seen/left/cat/1.gif").getSource()).isEqualTo("seen/left");
    assertThat(lastOf("a/seen/right/2.gif").getSource()).isEqualTo("seen");

    sourceFolder = 3;
    IngestReport report = run(options);
    assertThat(report.sent()).isEqualTo(1);
    assertThat(unreadable)
        .containsExactly(
            "seen/right/2.gif: has fewer folders above it than ingest.source-folder=3 asks for:"
                + " set that lower");
  }
}
