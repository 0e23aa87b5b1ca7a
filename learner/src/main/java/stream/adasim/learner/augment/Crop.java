package stream.adasim.learner.augment;

import java.util.random.RandomGenerator;

/** A rectangle of an image, in pixels. */
record Crop(int left, int top, int width, int height) {
  private static final double MIN_RATIO = 3.0 / 4;
  private static final double MAX_RATIO = 4.0 / 3;
  private static final double MIN_LOG_RATIO = Math.log(MIN_RATIO);
  private static final double MAX_LOG_RATIO = Math.log(MAX_RATIO);

  /**
   * A random part of an image: between {@code minArea} and {@code maxArea} of its area, width to
   * height between 3:4 and 4:3. torchvision's {@code RandomResizedCrop.get_params}: ten tries, then
   * the largest central part whose ratio is within bounds.
   */
  static Crop random(
      int width, int height, double minArea, double maxArea, RandomGenerator random) {
    double area = (double) width * height;
    for (int i = 0; i < 10; i++) {
      double target = area * (minArea + (maxArea - minArea) * random.nextDouble());
      double ratio =
          Math.exp(MIN_LOG_RATIO + (MAX_LOG_RATIO - MIN_LOG_RATIO) * random.nextDouble());
      int w = (int) Math.rint(Math.sqrt(target * ratio)); // halves to even, as Python's round
      int h = (int) Math.rint(Math.sqrt(target / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        int top = random.nextInt(height - h + 1);
        int left = random.nextInt(width - w + 1);
        return new Crop(left, top, w, h);
      }
    }
    return central(width, height);
  }

  static Crop central(int width, int height) {
    double ratio = (double) width / height;
    int w = width;
    int h = height;
    if (ratio < MIN_RATIO) {
      h = (int) Math.rint(width / MIN_RATIO);
    } else if (ratio > MAX_RATIO) {
      w = (int) Math.rint(height * MAX_RATIO);
    }
    return new Crop((width - w) / 2, (height - h) / 2, w, h);
  }
}
