package stream.adasim.compute.onednn;

import java.util.Arrays;

/** Numbers that tell one primitive from another. One is reused for every look-up of a thread. */
final class Signature {
  private static final int LIMIT = 24;

  private final int[] numbers = new int[LIMIT];
  private int count;

  Signature clear() {
    count = 0;
    return this;
  }

  Signature add(int number) {
    numbers[count++] = number;
    return this;
  }

  /** One that stays as it is. */
  Signature copy() {
    Signature copy = new Signature();
    System.arraycopy(numbers, 0, copy.numbers, 0, count);
    copy.count = count;
    return copy;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Signature that
        && Arrays.equals(numbers, 0, count, that.numbers, 0, that.count);
  }

  @Override
  public int hashCode() {
    int hash = count;
    for (int i = 0; i < count; i++) {
      hash = 31 * hash + numbers[i];
    }
    return hash;
  }
}
