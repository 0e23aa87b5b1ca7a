package stream.adasim.learner.network;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import stream.adasim.learner.network.ParameterSpec.Role;

/**
 * Where the parameters of a network lie in one flat buffer.
 *
 * <p>From front to back: the head's last layer, the head's other matrices, the backbone's matrices
 * (a transformer's cls token, registers and position embedding among them), the backbone's biases
 * and norms, the head's biases and norms, the running statistics of batch norm, the backbone's
 * first. So the parameters that weight decay applies to come first (DINO's {@code
 * get_params_groups} spares biases and what has one axis, which its cls token, of three, has not),
 * the backbone is one range, the last layer, which is frozen at the start, can be left out of
 * either, and what is trained ends where the statistics begin.
 */
public final class ParameterLayout {
  static final String LAST_LAYER = "head.last.weight";

  /**
   * One parameter.
   *
   * @param shape outputs first, then inputs; of a convolution also rows and columns
   * @param offset first element in the flat buffer
   * @param size number of elements
   */
  public record Slice(String name, List<Integer> shape, int offset, int size) {}

  private final Map<String, Slice> slices = new LinkedHashMap<>();
  private final List<Initialisation> starts = new ArrayList<>();
  private final int backboneOffset;
  private final int backboneSize;
  private final int decayedSize;
  private final int trainedSize;
  private final int backboneStatistics;
  private int size;

  public ParameterLayout(Architecture architecture) {
    List<ParameterSpec> head = HeadWeights.specs(architecture);
    List<ParameterSpec> backbone =
        switch (architecture.backbone()) {
          case VitShape vit -> VitWeights.specs(vit);
          case ResNetShape resNet -> ResNetWeights.specs(resNet);
        };

    addAll(head, Role.MATRIX);
    backboneOffset = size;
    addAll(backbone, Role.MATRIX);
    decayedSize = size;
    addAll(backbone, Role.VECTOR);
    backboneSize = size - backboneOffset;
    addAll(head, Role.VECTOR);
    trainedSize = size;
    addAll(backbone, Role.STATISTIC);
    backboneStatistics = size - trainedSize;
    addAll(head, Role.STATISTIC);
  }

  /** Number of elements of the flat buffer. */
  public int size() {
    return size;
  }

  /** Weight decay applies to the elements before this one. */
  public int decayedSize() {
    return decayedSize;
  }

  /** Training moves the elements before this one; the running statistics follow. */
  public int trainedSize() {
    return trainedSize;
  }

  /** First element of the backbone. */
  public int backboneOffset() {
    return backboneOffset;
  }

  /** Number of elements of the backbone, which lie together, without its running statistics. */
  public int backboneSize() {
    return backboneSize;
  }

  /** All parameters in the order of the buffer, without gaps. */
  public List<Slice> slices() {
    return List.copyOf(slices.values());
  }

  /** Those that training moves. */
  public List<Slice> trainedSlices() {
    return slices.values().stream().filter(slice -> slice.offset() < trainedSize).toList();
  }

  /** Elements of the running statistics that are the backbone's; they come first. */
  int backboneStatistics() {
    return backboneStatistics;
  }

  /** The last layer of DINO's head, at the front of the buffer. */
  public Slice lastLayer() {
    return slice(LAST_LAYER);
  }

  /** Elements at the front of the buffer that training can freeze: the last layer, or none. */
  public int freezableSize() {
    Slice last = slices.get(LAST_LAYER);
    return last == null ? 0 : last.size();
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
   * The weights of an untrained network, the same on every machine. Linear weights, cls token,
   * registers and position embedding are normal with deviation 0.02; patch embedding and last
   * layer, which DINO leaves as PyTorch makes them, are uniform within 1 / sqrt(inputs);
   * convolutions are normal with variance 2 / fan-out; biases are zero, norms the identity. (DINO's
   * patch embedding has a random bias too; ours is zero.)
   */
  public float[] initialWeights(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    float[] weights = new float[size];
    int index = 0;
    for (Slice slice : slices.values()) {
      Initialisation start = starts.get(index++);
      for (int i = slice.offset(); i < slice.offset() + slice.size(); i++) {
        weights[i] = start.draw(slice.shape(), random);
      }
    }
    return weights;
  }

  private void addAll(List<ParameterSpec> specs, Role role) {
    specs.stream().filter(spec -> spec.role() == role).forEach(this::add);
  }

  private void add(ParameterSpec spec) {
    int count = spec.shape().stream().reduce(1, Math::multiplyExact);
    slices.put(spec.name(), new Slice(spec.name(), spec.shape(), size, count));
    starts.add(spec.start());
    size = Math.addExact(size, count);
  }
}
