package stream.adasim.standalone.monitor;

import java.util.Arrays;

/**
 * Which ids are live and which were deleted, at 8 to 16 bytes an id: open addressing over 63 bits
 * of each id's fingerprint; the lowest bit says deleted. Two ids in a million share a fingerprint
 * with a chance of 1 in ten million. Not thread-safe.
 */
final class Ids {
  private static final long DELETED = 1;

  private long[] slots = new long[1024]; // 0: empty
  private int live;
  private int deleted;

  /** Notes the newest state of one id. */
  void put(long fingerprint, boolean isLive) {
    if ((live + deleted) * 4L >= slots.length * 3L) {
      grow();
    }
    long id = key(fingerprint);
    int slot = find(slots, id);
    if (slots[slot] != 0) {
      count((slots[slot] & DELETED) == 0, -1);
    }
    slots[slot] = isLive ? id : id | DELETED;
    count(isLive, 1);
  }

  int live() {
    return live;
  }

  /** Ids whose newest record deletes them. */
  int deleted() {
    return deleted;
  }

  private void count(boolean isLive, int change) {
    if (isLive) {
      live += change;
    } else {
      deleted += change;
    }
  }

  /** Leaves the lowest bit to the state and 0 to the empty slot. */
  private static long key(long fingerprint) {
    long id = fingerprint & ~DELETED;
    return id == 0 ? 2 : id;
  }

  private static int find(long[] slots, long id) {
    int mask = slots.length - 1;
    int slot = (int) (id >>> 1) & mask;
    while (slots[slot] != 0 && (slots[slot] & ~DELETED) != id) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] wider = new long[Math.multiplyExact(slots.length, 2)];
    Arrays.stream(slots)
        .filter(entry -> entry != 0)
        .forEach(entry -> wider[find(wider, entry & ~DELETED)] = entry);
    slots = wider;
  }
}
