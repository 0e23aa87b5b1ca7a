package stream.adasim.learner.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import stream.adasim.learner.decode.RgbImage;

class ReplayWindowTest {
  private static final int BYTES = 10;

  private final List<String> left = new ArrayList<>();
  private final RandomGenerator random = new SplittableRandom(1);

  private ReplayWindow window(int maxImages) {
    return new ReplayWindow(maxImages, 1_000_000, 0, image -> left.add(image.id()));
  }

  private static PutResult put(ReplayWindow window, String id, long fingerprint, long offset) {
    return window.put(id, new byte[BYTES], fingerprint, 0, offset, "source", "label", offset, null);
  }

  private static ReplayWindow filled(ReplayWindow window, int images) {
    for (int i = 0; i < images; i++) {
      put(window, "i" + i, i, i);
    }
    return window;
  }

  private List<String> ids(List<WindowImage> batch) {
    return batch.stream().map(WindowImage::id).toList();
  }

  @Test
  void evictsTheOldestByCount() {
    var window = filled(window(3), 5);
    assertThat(left).containsExactly("i0", "i1");
    assertThat(window.size()).isEqualTo(3);
    assertThat(window.get("i1")).isNull();
    assertThat(window.get("i2")).isNotNull();
  }

  @Test
  void evictsTheOldestByBytes() {
    var window = new ReplayWindow(100, 35, 0, image -> left.add(image.id()));
    filled(window, 4);
    assertThat(left).containsExactly("i0");
    assertThat(window.bytes()).isEqualTo(30);
    window.put("large", new byte[30], 1, 0, 9, "", null, 0, null);
    assertThat(left).containsExactly("i0", "i1", "i2", "i3");
    assertThat(window.put("i9", new byte[36], 1, 0, 10, "", null, 0, null))
        .isEqualTo(PutResult.TOO_LARGE);
    assertThat(window.put("large", new byte[36], 2, 0, 11, "", null, 0, null))
        .isEqualTo(PutResult.TOO_LARGE);
    assertThat(window.size()).isZero();
    assertThat(window.bytes()).isZero();
  }

  @Test
  void keepsPlaceAndVisitsOfContentThatIsSentAgain() {
    var window = filled(window(3), 3);
    window.nextBatch(3, random);
    assertThat(put(window, "i0", 0, 77)).isEqualTo(PutResult.REFRESHED);
    assertThat(window.get("i0"))
        .extracting(WindowImage::offset, WindowImage::visits)
        .containsExactly(77L, 1);
    assertThat(window.bytes()).isEqualTo(30);
    put(window, "new", 9, 78);
    assertThat(left).containsExactly("i0"); // still the oldest
  }

  @Test
  void keepsTheVisitNumberOfReplacedContent() {
    var window = filled(window(3), 3);
    window.nextBatch(3, random);
    assertThat(put(window, "i0", 50, 50)).isEqualTo(PutResult.REPLACED);
    assertThat(window.nextBatch(1, random))
        .singleElement()
        .satisfies(
            image -> {
              assertThat(image.id())
                  .isEqualTo("i0"); // joined the pass, the others wait for the next
              assertThat(image.fingerprint()).isEqualTo(50);
              assertThat(image.visits()).isEqualTo(2);
              assertThat(image.visitsOfContent()).isEqualTo(1);
            });
    put(window, "new", 9, 78);
    assertThat(left).containsExactly("i1"); // i0 is a new arrival
  }

  @Test
  void ignoresWhatIsOlderThanWhatItHolds() {
    var window = filled(window(5), 5);
    assertThat(put(window, "i4", 99, 3)).isEqualTo(PutResult.STALE);
    assertThat(window.delete("i4", 0, 3)).isFalse();
    assertThat(window.delete("unknown", 0, 3)).isFalse();
    assertThat(window.delete("i4", 0, 5)).isTrue();
    assertThat(left).containsExactly("i4");
    assertThat(window.size()).isEqualTo(4);
  }

  @Test
  void neverCountsVisitsBackwards() {
    var window = filled(window(2), 2);
    window.nextBatch(6, random);
    window.delete("i0", 0, 10);
    put(window, "i2", 2, 11);
    put(window, "i3", 3, 12); // evicts i1
    put(window, "i0", 0, 13);
    put(window, "i1", 1, 14);
    for (var image : window.nextBatch(2, random)) {
      assertThat(image.visits()).isEqualTo(4);
      assertThat(image.visitsOfContent()).isEqualTo(1);
    }
  }

  @Test
  void visitsEveryImageOncePerPass() {
    var window = filled(window(10), 10);
    for (int pass = 1; pass <= 5; pass++) {
      var seen = new HashSet<String>();
      seen.addAll(ids(window.nextBatch(4, random)));
      seen.addAll(ids(window.nextBatch(4, random)));
      seen.addAll(ids(window.nextBatch(2, random)));
      assertThat(seen).hasSize(10);
      assertThat(window.passes()).isCloseTo(pass, within(1e-9));
    }
  }

  @Test
  void shufflesEveryPassAnew() {
    var window = filled(window(3), 3);
    Map<List<String>, Integer> orders = new HashMap<>();
    for (int pass = 0; pass < 6_000; pass++) {
      orders.merge(ids(window.nextBatch(3, random)), 1, Integer::sum);
    }
    assertThat(orders).hasSize(6);
    // 1,000 each, standard deviation 29
    assertThat(orders.values()).allSatisfy(count -> assertThat(count).isBetween(850, 1_150));
  }

  @Test
  void takesNewcomersIntoThePassAndDropsWhoLeft() {
    var window = filled(window(10), 6);
    var seen = new ArrayList<>(ids(window.nextBatch(3, random)));
    put(window, "new", 100, 100);
    var waiting =
        List.of("i0", "i1", "i2", "i3", "i4", "i5").stream()
            .filter(id -> !seen.contains(id))
            .toList();
    window.delete(waiting.getFirst(), 0, 200);
    var rest = ids(window.nextBatch(3, random));
    assertThat(rest).containsExactlyInAnyOrder("new", waiting.get(1), waiting.get(2));
  }

  @Test
  void neverRepeatsAnImageInABatchThatRunsIntoTheNextPass() {
    for (int seed = 0; seed < 200; seed++) {
      var seeded = new SplittableRandom(seed);
      var window = filled(window(7), 7);
      Map<String, Integer> visits = new HashMap<>();
      for (int batch = 0; batch < 21; batch++) {
        var ids = ids(window.nextBatch(5, seeded));
        assertThat(new HashSet<>(ids)).as("seed %d", seed).hasSize(5);
        ids.forEach(id -> visits.merge(id, 1, Integer::sum));
      }
      assertThat(visits.values()).as("seed %d", seed).containsOnly(15); // 105 visits, 7 images
    }
  }

  @Test
  void repeatsImagesEvenlyWhereABatchIsLargerThanTheWindow() {
    var window = filled(window(3), 3);
    window.nextBatch(8, random);
    assertThat(List.of("i0", "i1", "i2"))
        .allSatisfy(id -> assertThat(window.get(id)).extracting(WindowImage::visits).isIn(2, 3));
  }

  @Test
  void refusesToMakeABatchOfNothing() {
    assertThatThrownBy(() -> window(3).nextBatch(1, random))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The window is empty");
  }

  private static byte[] saved(ReplayWindow window) throws IOException {
    var bytes = new ByteArrayOutputStream();
    window.save(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static DataInputStream in(byte[] bytes) {
    return new DataInputStream(new ByteArrayInputStream(bytes));
  }

  /** A record of a made-up images topic: every offset has one. */
  private static void play(ReplayWindow window, long offset) {
    long id = (offset * 7919) % 61;
    if (offset % 17 == 0) {
      window.delete("i" + id, 0, offset);
    } else {
      window.put(
          "i" + id,
          new byte[] {(byte) id},
          id + 1000 * (offset / 50),
          0,
          offset,
          "s" + offset,
          null,
          offset,
          null);
    }
  }

  /** Everything about an image, with its bytes by content. */
  private static List<Object> described(WindowImage image) {
    return List.of(
        image.id(),
        image.bytes()[0],
        image.fingerprint(),
        image.offset(),
        image.source(),
        image.capturedAt(),
        image.visits(),
        image.visitsOfContent());
  }

  private static ReplayWindow window(int maxImages, ReplayPolicy policy, long seed) {
    return new ReplayWindow(
        maxImages, 1_000, 0, image -> {}, policy, seed, ReplayWindowTest::redundancy);
  }

  /** What MinRed is told: known of every other image, and decided by its id. */
  private static OptionalDouble redundancy(WindowImage image) {
    int hash = image.id().hashCode() * 31;
    return hash % 2 == 0 ? OptionalDouble.empty() : OptionalDouble.of(hash % 1000);
  }

  @Test
  void aReservoirIsAnEvenSampleOfWhatCame() {
    int[] kept = new int[100];
    for (int seed = 0; seed < 400; seed++) {
      var window = window(10, ReplayPolicy.RESERVOIR, seed);
      for (int i = 0; i < kept.length; i++) {
        assertThat(put(window, "i" + i, i, i))
            .isEqualTo(window.get("i" + i) == null ? PutResult.NOT_SAMPLED : PutResult.ADDED);
      }
      assertThat(window.size()).isEqualTo(10);
      window.images().forEach(image -> kept[Integer.parseInt(image.id().substring(1))]++);
    }
    // 40 of each are expected, with a standard deviation of 6
    assertThat(Arrays.stream(kept).min().orElseThrow()).isGreaterThan(40 - 27);
    assertThat(Arrays.stream(kept).max().orElseThrow()).isLessThan(40 + 27);
    int early = Arrays.stream(kept, 0, 50).sum();
    assertThat(early).isBetween(2_000 - 180, 2_000 + 180); // standard deviation 45
  }

  @Test
  void whatAReservoirPassedOverLeavesNothingBehind() {
    var window = window(5, ReplayPolicy.RESERVOIR, 3);
    filled(window, 50);
    assertThat(window.bytes()).isEqualTo(5L * BYTES);
    assertThat(window.nextBatch(5, random)).hasSize(5);
    assertThat(window.images())
        .allSatisfy(image -> assertThat(window.get(image.id())).isSameAs(image));
  }

  @Test
  void minRedLetsTheMostRedundantTrainedImageGo() {
    Map<String, Double> similar = new HashMap<>();
    var window =
        new ReplayWindow(
            4,
            1_000,
            0,
            image -> left.add(image.id()),
            ReplayPolicy.MINRED,
            1,
            image ->
                similar.containsKey(image.id())
                    ? OptionalDouble.of(similar.get(image.id()))
                    : OptionalDouble.empty());
    filled(window, 4);
    similar.putAll(Map.of("i1", 0.5, "i2", 0.9, "i3", 0.7));
    similar.keySet().forEach(window::neighboursChanged);
    put(window, "i4", 4, 4);
    assertThat(left).containsExactly("i2");
    similar.put("i3", 0.4); // its nearest other has left: found out when its turn comes
    put(window, "i5", 5, 5);
    assertThat(left).containsExactly("i2", "i1");
    put(window, "i6", 6, 6);
    assertThat(left).containsExactly("i2", "i1", "i3");
    put(window, "i7", 7, 7); // nobody is known: the oldest
    assertThat(left).containsExactly("i2", "i1", "i3", "i0");
  }

  @ParameterizedTest
  @EnumSource
  void goesOnAfterARestartAsIfItHadNeverStopped(ReplayPolicy policy) throws IOException {
    for (int seed = 0; seed < 20; seed++) {
      var uninterrupted = window(40, policy, seed);
      var one = new SplittableRandom(seed);
      long consumed = 0;
      for (; consumed < 150 + seed; consumed++) {
        play(uninterrupted, consumed);
        if (consumed > 3) {
          uninterrupted.nextBatch(3, one);
        }
      }
      var bytes = saved(uninterrupted);
      var resumed = window(40, policy, seed);
      var manifest = resumed.restore(in(bytes));
      assertThat(manifest.images()).isEqualTo(uninterrupted.size());
      assertThat(resumed.pending()).isEqualTo(uninterrupted.size());
      for (long offset = manifest.firstOffsets().getOrDefault(0, consumed);
          offset < consumed;
          offset++) {
        long id = (offset * 7919) % 61;
        if (offset % 17 != 0) {
          resumed.put(
              "i" + id,
              new byte[] {(byte) id},
              id + 1000 * (offset / 50),
              0,
              offset,
              "s" + offset,
              null,
              offset,
              null);
        }
      }
      assertThat(resumed.pending()).isZero();
      assertThat(resumed.finishRefill()).isZero();
      assertThat(saved(resumed)).isEqualTo(bytes);
      assertThat(resumed.bytes()).isEqualTo(uninterrupted.bytes());

      one = new SplittableRandom(seed + 1000);
      var other = new SplittableRandom(seed + 1000);
      for (; consumed < 400; consumed++) {
        play(uninterrupted, consumed);
        play(resumed, consumed);
        var expected = uninterrupted.nextBatch(5, one);
        var found = resumed.nextBatch(5, other);
        assertThat(found.stream().map(ReplayWindowTest::described).toList())
            .as("seed %d, offset %d", seed, consumed)
            .isEqualTo(expected.stream().map(ReplayWindowTest::described).toList());
      }
      assertThat(resumed.passes()).isEqualTo(uninterrupted.passes());
    }
  }

  @Test
  void dropsAndCountsWhatCannotBeRefilled() throws IOException {
    var window = filled(window(5), 5);
    window.nextBatch(2, random);
    var resumed = window(5);
    resumed.restore(in(saved(window)));
    assertThat(put(resumed, "i0", 0, 0)).isEqualTo(PutResult.REFILLED);
    assertThat(put(resumed, "i1", 77, 1)).isEqualTo(PutResult.NOT_IN_MANIFEST); // other content
    assertThat(put(resumed, "stranger", 5, 2)).isEqualTo(PutResult.NOT_IN_MANIFEST);
    assertThat(put(resumed, "i3", 3, 3)).isEqualTo(PutResult.REFILLED);
    assertThat(resumed.get("i2")).isNull();
    assertThatThrownBy(() -> resumed.nextBatch(1, random)).hasMessageContaining("being refilled");
    assertThat(resumed.pending()).isEqualTo(3);
    assertThat(resumed.finishRefill()).isEqualTo(3);
    assertThat(left).containsExactly("i1", "i2", "i4");
    assertThat(resumed.size()).isEqualTo(2);
    assertThat(ids(resumed.nextBatch(2, random))).containsExactlyInAnyOrder("i0", "i3");
  }

  @Test
  void shrinksToSmallerLimitsAfterARestart() throws IOException {
    var window = filled(window(5), 5);
    var resumed = window(2);
    resumed.restore(in(saved(window)));
    filled(resumed, 5);
    assertThat(resumed.finishRefill()).isZero();
    assertThat(left).containsExactly("i0", "i1", "i2");
  }

  @Test
  void keepsVisitNumbersOfDepartedIdsThroughARestart() throws IOException {
    var window = filled(window(1), 1);
    window.nextBatch(3, random);
    put(window, "other", 9, 9);
    var resumed = window(1);
    resumed.restore(in(saved(window)));
    put(resumed, "other", 9, 9);
    resumed.finishRefill();
    put(resumed, "i0", 0, 10);
    assertThat(resumed.nextBatch(1, random).getFirst().visits()).isEqualTo(4);
  }

  @Test
  void refusesAManifestThatIsNone() throws IOException {
    var bytes = saved(filled(window(3), 3));
    bytes[3] = 9;
    assertThatThrownBy(() -> window(3).restore(in(bytes)))
        .isInstanceOf(IOException.class)
        .hasMessage("A window manifest of format 9, expected 1");
  }

  private static @Nullable RgbImage pixels(ReplayWindow window, String id) {
    var image = window.get(id);
    assertThat(image).isNotNull();
    return image == null ? null : image.pixels();
  }

  private static void putDecoded(ReplayWindow window, String id, long offset, int side) {
    var decoded = new RgbImage(side, side, new byte[3 * side * side]);
    window.put(id, new byte[BYTES], offset, 0, offset, "", null, 0, decoded);
  }

  @Test
  void keepsPixelsWhileThereIsRoom() {
    var window = new ReplayWindow(3, 1_000, 2 * 3 * 16, image -> {});
    for (int i = 0; i < 3; i++) {
      putDecoded(window, "i" + i, i, 4);
    }
    assertThat(pixels(window, "i0")).isNotNull();
    assertThat(pixels(window, "i1")).isNotNull();
    assertThat(pixels(window, "i2")).isNull();
    putDecoded(window, "i3", 3, 4); // i0 leaves and makes room
    assertThat(pixels(window, "i3")).isNotNull();
    assertThat(window.nextBatch(3, random)).filteredOn(image -> image.pixels() != null).hasSize(2);
    assertThat(window.delete("i1", 0, 4)).isTrue();
    putDecoded(window, "i2", 5, 4); // other content, in the room of i1
    assertThat(pixels(window, "i2")).isNotNull();
    putDecoded(window, "i4", 6, 4);
    assertThat(pixels(window, "i4")).isNull();
  }

  @Test
  void countsPixelsOnceWhenAnImageIsSentAgain() {
    var window = new ReplayWindow(3, 1_000, 2 * 3 * 16, image -> {});
    var decoded = new RgbImage(4, 4, new byte[48]);
    for (int i = 0; i < 5; i++) {
      window.put("i0", new byte[BYTES], 7, 0, i, "", null, 0, decoded);
    }
    putDecoded(window, "i1", 9, 4);
    assertThat(pixels(window, "i0")).isNotNull();
    assertThat(pixels(window, "i1")).isNotNull();
  }
}
