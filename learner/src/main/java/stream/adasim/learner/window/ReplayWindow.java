package stream.adasim.learner.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.decode.RgbImage;

/**
 * Bounded replay of images that are kept as they came, encoded. When there are too many images or
 * too many bytes, a {@link ReplayPolicy} decides who leaves. Training takes reshuffled passes:
 * every image once per pass, newcomers join the pass that is under way.
 *
 * <p>Visit numbers of an id never go back, not even when it leaves the window and returns, as long
 * as it is among the last {@code 2 * maxImages} ids that left. (The indexer drops visits that it
 * has already counted.)
 *
 * <p>The same calls with the same random numbers give the same batches. Not thread-safe.
 */
public final class ReplayWindow {
  private static final int RETIRED_PER_IMAGE = 2;

  private final int maxImages;
  private final long maxBytes;
  private final Consumer<WindowImage> departures;
  private final Eviction eviction;

  private final LinkedHashMap<String, Slot> slots = new LinkedHashMap<>(); // oldest arrival first
  private final Pass pass = new Pass();
  private final DecodedPixels decoded;

  /** Visit numbers of ids that left, the longest gone first. */
  private final LinkedHashMap<String, Integer> retired = new LinkedHashMap<>();

  private long bytes;
  private double passes;
  private boolean refilling;
  private int pending;

  /**
   * A window from which the oldest arrival leaves first.
   *
   * @param maxDecodedBytes of pixels that are kept beside the encoded images, 0 for none
   * @param departures told of every image that leaves: evicted, deleted, or not refilled. Replaced
   *     content is no departure. Must not call the window.
   */
  public ReplayWindow(
      int maxImages, long maxBytes, long maxDecodedBytes, Consumer<WindowImage> departures) {
    this(maxImages, maxBytes, maxDecodedBytes, departures, new Eviction.Fifo());
  }

  /**
   * A window.
   *
   * @param maxDecodedBytes of pixels that are kept beside the encoded images, 0 for none
   * @param departures told of every image that leaves: evicted, deleted, or not refilled. Replaced
   *     content is no departure. Must not change the window.
   * @param policy who leaves when it is full
   * @param seed of a reservoir's sample
   * @param redundancy for MinRed: similarity of an image to its nearest other in the window,
   *     nothing where that isn't known; whenever it may have grown, {@link #neighboursChanged} is
   *     to be called
   */
  public ReplayWindow(
      int maxImages,
      long maxBytes,
      long maxDecodedBytes,
      Consumer<WindowImage> departures,
      ReplayPolicy policy,
      long seed,
      Function<WindowImage, OptionalDouble> redundancy) {
    this(maxImages, maxBytes, maxDecodedBytes, departures, Eviction.of(policy, seed, redundancy));
  }

  private ReplayWindow(
      int maxImages,
      long maxBytes,
      long maxDecodedBytes,
      Consumer<WindowImage> departures,
      Eviction eviction) {
    if (maxImages < 1 || maxImages > Integer.MAX_VALUE / 8 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "maxImages=%d must be within 1..%d and maxBytes=%d at least 1"
              .formatted(maxImages, Integer.MAX_VALUE / 8, maxBytes));
    }
    this.maxImages = maxImages;
    this.maxBytes = maxBytes;
    this.departures = departures;
    this.eviction = eviction;
    decoded = new DecodedPixels(maxDecodedBytes);
  }

  /**
   * Takes an image in; it must be decodable. The same content under the same id keeps its place and
   * visits; other content takes a new place, joins the current pass and keeps the visit number.
   * Between {@link #restore} and {@link #finishRefill}, only delivers bytes to the manifest.
   *
   * @param content kept as it is: must not be written to any more
   * @param pixels decoded content, kept while there is room; the same for the same content
   */
  public PutResult put(
      String id,
      byte[] content,
      long fingerprint,
      int partition,
      long offset,
      String source,
      @Nullable String label,
      long capturedAt,
      @Nullable RgbImage pixels) {
    var image =
        new WindowImage(
            id, content, fingerprint, partition, offset, source, label, capturedAt, 0, 0, pixels);
    return refilling ? refill(image) : put(image);
  }

  private PutResult put(WindowImage image) {
    var slot = slots.get(image.id());
    if (slot == null) {
      if (image.bytes().length > maxBytes) {
        return PutResult.TOO_LARGE;
      }
      var visits = retired.remove(image.id());
      return add(image.withVisits(visits == null ? 0 : visits, 0), PutResult.ADDED);
    }
    var held = slot.image;
    if (newer(held, image.partition(), image.offset())) {
      return PutResult.STALE;
    }
    if (held.fingerprint() == image.fingerprint()) {
      slot.image =
          image.withVisits(held.visits(), held.visitsOfContent()).withPixels(held.pixels());
      bytes += image.bytes().length - held.bytes().length;
      return PutResult.REFRESHED;
    }
    if (image.bytes().length > maxBytes) {
      depart(slot);
      return PutResult.TOO_LARGE;
    }
    forget(slot);
    return add(image.withVisits(held.visits(), 0), PutResult.REPLACED);
  }

  private PutResult add(WindowImage image, PutResult result) {
    var slot = new Slot(image.withPixels(null), true);
    slots.put(image.id(), slot);
    pass.add(slot);
    eviction.added(slot);
    bytes += image.bytes().length;
    evict(); // whoever leaves makes room for the newcomer's pixels
    if (slots.get(image.id()) != slot) {
      return PutResult.NOT_SAMPLED;
    }
    slot.image = decoded.keep(slot.image, image.pixels());
    return result;
  }

  private void evict() {
    while (slots.size() > maxImages || bytes > maxBytes) {
      depart(eviction.victim(slots.sequencedValues()));
    }
  }

  /** Tells that an image's neighbours are known better now. */
  public void neighboursChanged(String id) {
    var slot = slots.get(id);
    if (slot != null) {
      eviction.changed(slot);
    }
  }

  /** The images held, the oldest arrival first. */
  public List<WindowImage> images() {
    return slots.values().stream().filter(slot -> slot.filled).map(slot -> slot.image).toList();
  }

  /**
   * Takes an image out, unless the window holds a newer one under this id.
   *
   * @param partition of the deletion in the images topic
   * @param offset of the deletion in the images topic
   * @return whether an image left
   */
  public boolean delete(String id, int partition, long offset) {
    var slot = slots.get(id);
    if (slot == null || newer(slot.image, partition, offset)) {
      return false;
    }
    depart(slot);
    return true;
  }

  // Offsets of different partitions don't compare: what comes last counts.
  private static boolean newer(WindowImage held, int partition, long offset) {
    return held.partition() == partition && held.offset() > offset;
  }

  private void depart(Slot slot) {
    forget(slot);
    if (slot.image.visits() > 0) {
      retired.putLast(slot.image.id(), slot.image.visits());
      if (retired.size() > RETIRED_PER_IMAGE * maxImages) {
        retired.pollFirstEntry();
      }
    }
    departures.accept(slot.image);
  }

  private void forget(Slot slot) {
    slots.remove(slot.image.id());
    pass.remove(slot);
    eviction.removed(slot);
    bytes -= slot.filled ? slot.image.bytes().length : 0;
    decoded.release(slot.image);
  }

  /** The image as it is now, or null where the window doesn't hold it. */
  public @Nullable WindowImage get(String id) {
    var slot = slots.get(id);
    return slot == null || !slot.filled ? null : slot.image;
  }

  /**
   * The next images to train on, their visits counted. No image is there twice, unless the window
   * holds fewer than n. Runs from one pass into the next where it must.
   *
   * @throws IllegalStateException when the window is empty or is being refilled
   */
  public List<WindowImage> nextBatch(int n, RandomGenerator random) {
    if (slots.isEmpty() || refilling) {
      throw new IllegalStateException(
          refilling ? "The window is being refilled: finish that first" : "The window is empty");
    }
    var batch = new ArrayList<WindowImage>(n);
    var drawn = new HashSet<String>();
    var limit = pass.size();
    for (int i = 0; i < n; i++) {
      if (pass.size() == 0) {
        limit = nextPass(drawn);
      }
      if (limit == 0) { // everything that is left is in this batch already
        limit = pass.size();
      }
      var slot = pass.draw(limit, random);
      limit--;
      slot.image =
          slot.image.withVisits(
              Math.incrementExact(slot.image.visits()),
              Math.incrementExact(slot.image.visitsOfContent()));
      passes += 1.0 / slots.size();
      batch.add(slot.image);
      drawn.add(slot.image.id());
    }
    return batch;
  }

  /** Starts a pass with those that are not in the batch in front; returns how many those are. */
  private int nextPass(Set<String> drawn) {
    for (var slot : slots.values()) {
      if (!drawn.contains(slot.image.id())) {
        pass.add(slot);
      }
    }
    var fresh = pass.size();
    slots.values().forEach(pass::add);
    return fresh;
  }

  /** Images held. */
  public int size() {
    return slots.size();
  }

  /** Encoded bytes held. */
  public long bytes() {
    return bytes;
  }

  /** Visits so far, each divided by the number of images that the window held at that moment. */
  public double passes() {
    return passes;
  }

  /** Writes everything but the pixels: what was held, its visits, and the order of the pass. */
  public void save(DataOutput out) throws IOException {
    if (refilling) {
      throw new IllegalStateException("The window is being refilled: finish that first");
    }
    ManifestFormat.write(out, passes, slots.sequencedValues(), pass.slots(), retired);
  }

  /**
   * Reads what {@link #save} wrote into this window, which must be new. From then on {@link #put}
   * only delivers bytes, until {@link #finishRefill}.
   *
   * @throws IOException where it isn't what save wrote
   */
  public Manifest restore(DataInput in) throws IOException {
    if (!slots.isEmpty() || passes > 0 || refilling) {
      throw new IllegalStateException("Only a new window can be restored");
    }
    passes = ManifestFormat.read(in, slots, pass, retired);
    slots.values().forEach(eviction::added);
    refilling = true;
    pending = slots.size();
    return ManifestFormat.summary(slots.sequencedValues());
  }

  private PutResult refill(WindowImage image) {
    var slot = slots.get(image.id());
    if (slot == null || slot.image.fingerprint() != image.fingerprint()) {
      return PutResult.NOT_IN_MANIFEST;
    }
    var held = slot.image;
    var exact = held.partition() == image.partition() && held.offset() == image.offset();
    pending -= slot.filled ? 0 : 1;
    if (!slot.filled || exact) { // content that was sent twice has the newest record's metadata
      bytes += image.bytes().length - held.bytes().length;
      decoded.release(held);
      var same = image.with(held.partition(), held.offset(), held.visits(), held.visitsOfContent());
      slot.image = decoded.keep(same, image.pixels());
      slot.filled = true;
    }
    return PutResult.REFILLED;
  }

  /** Images of the manifest that still wait for their bytes; 0 when not refilling. */
  public int pending() {
    return pending;
  }

  /**
   * Ends the refill and drops what was not delivered. If everything was, the window goes on exactly
   * as the saved one would have.
   *
   * @return how many images were dropped
   */
  public int finishRefill() {
    if (!refilling) {
      throw new IllegalStateException("The window is not being refilled");
    }
    var missing = slots.values().stream().filter(slot -> !slot.filled).toList();
    missing.forEach(this::depart);
    refilling = false;
    pending = 0;
    evict(); // the limits may be smaller than they were
    return missing.size();
  }
}
