package stream.adasim.learner.augment;

/**
 * Per-channel mean and standard deviation of training pixels in [0, 1]; a network reads {@code (v -
 * mean) / deviation}.
 */
public record Normalisation(
    float meanRed,
    float meanGreen,
    float meanBlue,
    float deviationRed,
    float deviationGreen,
    float deviationBlue) {

  /** Of ImageNet's training set, as torchvision and DINO use it. */
  public static final Normalisation IMAGENET =
      new Normalisation(0.485f, 0.456f, 0.406f, 0.229f, 0.224f, 0.225f);

  /** Of CIFAR-10's 50,000 training images, over all of their pixels. */
  public static final Normalisation CIFAR10 =
      new Normalisation(0.4914f, 0.4822f, 0.4465f, 0.2470f, 0.2435f, 0.2616f);

  public Normalisation {
    if (!(deviationRed > 0 && deviationGreen > 0 && deviationBlue > 0)) {
      throw new IllegalArgumentException(
          "Deviations must be above 0, found %s %s %s"
              .formatted(deviationRed, deviationGreen, deviationBlue));
    }
  }
}
