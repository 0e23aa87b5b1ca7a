package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Where the parameters of a network lie in one flat buffer.
 *
 * <p>From front to back: the head's last layer, the head's other matrices, the backbone's matrices
 * with its cls token and position embedding, the backbone's biases and norms, the head's biases. So
 * the parameters that weight decay applies to come first (DINO's {@code get_params_groups} spares
 * biases and what has one axis, which its cls token, of three, has not), the backbone is one range,
 * and the last layer, which is frozen at the start, can be left out of either.
 */
public final class ParameterLayout {
  static final String LAST_LAYER = "head.last.weight";

  /**
   * One parameter.
   *
   * @param shape outputs first, then inputs
   * @param offset first element in the flat buffer
   * @param size number of elements
   */
  public record Slice(String name, List<Integer> shape, int offset, int size) {}

  private final Map<String, Slice> slices = new LinkedHashMap<>();
  private final List<Initialisation> initialisations = new ArrayList<>();
  private final int backboneOffset;
  private final int backboneSize;
  private final int decayedSize;
  private int size;

  public ParameterLayout(Architecture architecture) {
    int dim = architecture.dim();
    int mlp = dim * architecture.mlpRatio();
    int patch = Architecture.CHANNELS * architecture.patchSize() * architecture.patchSize();
    int hidden = architecture.headHidden();
    int bottleneck = architecture.headBottleneck();

    add(LAST_LAYER, Initialisation.UNIFORM, architecture.prototypes(), bottleneck);
    add("head.linear1.weight", Initialisation.NORMAL, hidden, dim);
    add("head.linear2.weight", Initialisation.NORMAL, hidden, hidden);
    add("head.linear3.weight", Initialisation.NORMAL, bottleneck, hidden);

    backboneOffset = size;
    add("patch.weight", Initialisation.UNIFORM, dim, patch);
    add("cls", Initialisation.NORMAL, dim);
    add("pos", Initialisation.NORMAL, architecture.tokens(), dim);
    for (int i = 0; i < architecture.depth(); i++) {
      add(block(i, "qkv.weight"), Initialisation.NORMAL, 3 * dim, dim);
      add(block(i, "projection.weight"), Initialisation.NORMAL, dim, dim);
      add(block(i, "mlp1.weight"), Initialisation.NORMAL, mlp, dim);
      add(block(i, "mlp2.weight"), Initialisation.NORMAL, dim, mlp);
    }
    decayedSize = size;

    add("patch.bias", Initialisation.ZEROS, dim);
    for (int i = 0; i < architecture.depth(); i++) {
      add(block(i, "norm1.gamma"), Initialisation.ONES, dim);
      add(block(i, "norm1.beta"), Initialisation.ZEROS, dim);
      add(block(i, "qkv.bias"), Initialisation.ZEROS, 3 * dim);
      add(block(i, "projection.bias"), Initialisation.ZEROS, dim);
      add(block(i, "norm2.gamma"), Initialisation.ONES, dim);
      add(block(i, "norm2.beta"), Initialisation.ZEROS, dim);
      add(block(i, "mlp1.bias"), Initialisation.ZEROS, mlp);
      add(block(i, "mlp2.bias"), Initialisation.ZEROS, dim);
    }
    add("norm.gamma", Initialisation.ONES, dim);
    add("norm.beta", Initialisation.ZEROS, dim);
    backboneSize = size - backboneOffset;

    add("head.linear1.bias", Initialisation.ZEROS, hidden);
    add("head.linear2.bias", Initialisation.ZEROS, hidden);
    add("head.linear3.bias", Initialisation.ZEROS, bottleneck);
  }

  /** Number of elements of the flat buffer. */
  public int size() {
    return size;
  }

  /** Weight decay applies to the elements before this one. */
  public int decayedSize() {
    return decayedSize;
  }

  /** First element of the backbone. */
  public int backboneOffset() {
    return backboneOffset;
  }

  /** Number of elements of the backbone, which lie together. */
  public int backboneSize() {
    return backboneSize;
  }

  /** All parameters in the order of the buffer, without gaps. */
  public List<Slice> slices() {
    return List.copyOf(slices.values());
  }

  /** The last layer, at the front of the buffer. */
  public Slice lastLayer() {
    return slice(LAST_LAYER);
  }

  /**
   * One parameter.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Slice slice(String name) {
    Slice slice = slices.get(name);
    if (slice == null) {
      throw new IllegalArgumentException(
          "parameter=" + name + " must be one of " + slices.keySet());
    }
    return slice;
  }

  /**
   * The weights of an untrained network, the same on every machine. Linear weights, cls token and
   * position embedding are normal with deviation 0.02; patch embedding and last layer, which DINO
   * leaves as PyTorch makes them, are uniform within 1 / sqrt(inputs); biases are zero, norms the
   * identity. (DINO's patch embedding has a random bias too; ours is zero.)
   */
  public float[] initialWeights(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    float[] weights = new float[size];
    int index = 0;
    for (Slice slice : slices.values()) {
      Initialisation initialisation = initialisations.get(index++);
      double bound = 1 / StrictMath.sqrt(slice.shape().getLast());
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        weights[i] =
            switch (initialisation) {
              case ZEROS -> 0;
              case ONES -> 1;
              case NORMAL -> (float) (0.02 * gaussian(random));
              case UNIFORM -> (float) (bound * (2 * random.nextDouble() - 1));
            };
      }
    }
    return weights;
  }

  /** Box and Muller's, in StrictMath: nextGaussian promises neither algorithm nor last bits. */
  private static double gaussian(RandomGenerator random) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * StrictMath.PI * random.nextDouble());
  }

  static String block(int index, String name) {
    return "block" + index + "." + name;
  }

  private void add(String name, Initialisation initialisation, int rows, int columns) {
    add(name, initialisation, List.of(rows, columns), Math.multiplyExact(rows, columns));
  }

  private void add(String name, Initialisation initialisation, int extent) {
    add(name, initialisation, List.of(extent), extent);
  }

  private void add(String name, Initialisation initialisation, List<Integer> shape, int count) {
    slices.put(name, new Slice(name, shape, size, count));
    initialisations.add(initialisation);
    size = Math.addExact(size, count);
  }
}
