package stream.adasim.learner.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.Bicubic;
import stream.adasim.learner.network.MlpHead;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.PrototypeHead;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.safetensors.SafetensorsFile;
import stream.adasim.learner.safetensors.TensorEntry;
import stream.adasim.learner.weights.TensorNames.TensorName;

/**
 * Reads weights from safetensors into a network: backbones as DINO, timm and torchvision name them,
 * heads as DINO does, each under any prefix ({@code module.backbone.}). Position embeddings are
 * interpolated where the file is for another image size.
 *
 * <p>What a network is pretrained with and this one has no use for (classifiers, counters of
 * batches, another program's optimiser) is passed over; any other tensor that would be lost is
 * refused by name.
 */
public final class WeightsImport {
  private static final Pattern PASSED_OVER =
      Pattern.compile("(head|fc|head_dist)\\.(weight|bias)|.*\\.num_batches_tracked");
  private static final Pattern OTHERS =
      Pattern.compile(
          "(student|optimizer)\\..*|center|queue|.*head\\.(mlp|last_layer|projector|predictor)\\..*");

  private final SafetensorsFile file;
  private final Architecture architecture;
  private final ParameterLayout layout;
  private final float[] weights;
  private final Set<String> used = new HashSet<>();

  /**
   * Weights for a network.
   *
   * @param weights flat, in the order of its parameter layout
   * @param head whether the file held the projection head; if not, it is the seed's untrained one
   * @param interpolated whether the position embedding was interpolated
   */
  @SuppressWarnings("ArrayRecordComponent") // millions of floats, handed over once
  public record Imported(float[] weights, boolean head, boolean interpolated) {}

  private WeightsImport(SafetensorsFile file, Architecture architecture, long seed) {
    this.file = file;
    this.architecture = architecture;
    this.layout = new ParameterLayout(architecture);
    this.weights = layout.initialWeights(seed);
  }

  /**
   * Reads a file.
   *
   * @param withHead whether to take the projection head where the file has one
   * @param seed of what the file doesn't hold
   * @throws stream.adasim.learner.safetensors.SafetensorsException if the file is damaged
   * @throws WeightsException naming the tensor that is missing, has another shape, or would be lost
   */
  public static Imported read(Path path, Architecture architecture, boolean withHead, long seed)
      throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return new WeightsImport(file, architecture, seed).read(withHead);
    }
  }

  private Imported read(boolean withHead) throws IOException {
    String anchor =
        switch (architecture.backbone()) {
          case VitShape _ -> TensorNames.CLS;
          case ResNetShape _ -> "conv1.weight";
        };
    String prefix = prefix(anchor);
    boolean interpolated = false;
    for (Slice slice : layout.slices()) {
      TensorName name = TensorNames.of(slice, architecture.backbone());
      if (architecture.backbone() instanceof VitShape vit && slice.name().equals("pos")) {
        interpolated = positions(prefix, slice, vit);
      } else if (!slice.name().startsWith("head.")) {
        copy(prefix + name.name(), name.shape(), slice);
      }
    }
    refuseWhatIsLost(prefix);
    boolean head = withHead && head();
    return new Imported(weights, head, interpolated);
  }

  /** What stands before a backbone's names; the teacher's where there are several. */
  private String prefix(String anchor) {
    List<String> found =
        file.tensors().stream()
            .map(TensorEntry::name)
            .filter(name -> name.equals(anchor) || name.endsWith("." + anchor))
            .filter(name -> !name.startsWith("optimizer."))
            .filter(name -> anchor.equals(TensorNames.CLS) || !name.contains("layer"))
            .map(name -> name.substring(0, name.length() - anchor.length()))
            .toList();
    if (found.isEmpty()) {
      throw refused(
          "lacks tensor "
              + anchor
              + ", which a "
              + architecture.backbone().toMap().get("kind")
              + " has; it holds "
              + examples()
              + ": set model.network to what the file is for");
    }
    List<String> teachers = found.stream().filter(prefix -> !prefix.contains("student")).toList();
    if (teachers.size() != 1) {
      throw refused("holds several backbones, " + found + ", expected one that is no student's");
    }
    return teachers.getFirst();
  }

  private String examples() {
    List<String> names = file.tensors().stream().map(TensorEntry::name).limit(3).toList();
    return names.isEmpty() ? "nothing" : String.join(", ", names) + " and so on";
  }

  private void copy(String name, List<Integer> shape, Slice slice) throws IOException {
    float[] elements = elements(name, shape);
    System.arraycopy(elements, 0, weights, slice.offset(), slice.size());
  }

  private float[] elements(String name, List<Integer> shape) throws IOException {
    TensorEntry entry = entry(name);
    List<Long> expected = shape.stream().map(Integer::longValue).toList();
    if (!entry.shape().equals(expected)) {
      throw refused(
          "tensor "
              + name
              + " has shape "
              + entry.shape()
              + ", expected "
              + expected
              + " for "
              + architecture.toMap()
              + ": set model.* to what the file is for");
    }
    used.add(name);
    return file.floats(name);
  }

  private TensorEntry entry(String name) {
    return file.find(name)
        .orElseThrow(
            () ->
                refused(
                    "lacks tensor "
                        + name
                        + ", which "
                        + architecture.toMap()
                        + " has: set model.* to what the file is for"));
  }

  /**
   * Position embedding, in any of the forms that timm and DINO have: with a row for the cls token,
   * without, or with rows for cls token and registers.
   *
   * @return whether it was interpolated
   */
  private boolean positions(String prefix, Slice slice, VitShape vit) throws IOException {
    String name = prefix + TensorNames.POSITIONS;
    int dim = vit.dim();
    TensorEntry entry = entry(name);
    List<Long> shape = entry.shape();
    if (shape.size() != 3 || shape.getFirst() != 1 || shape.getLast() != dim) {
      throw refused("tensor " + name + " has shape " + shape + ", expected [1, n, " + dim + "]");
    }
    int rows = Math.toIntExact(shape.get(1));
    int first = rowsBeforePatches(name, rows, vit);
    int side = (int) Math.sqrt(rows - first);
    int wanted = vit.imageSize() / vit.patchSize();
    float[] elements = file.floats(name);
    used.add(name);
    float[] patches =
        side == wanted
            ? Arrays.copyOfRange(elements, first * dim, rows * dim)
            : Bicubic.resize(elements, first * dim, side, wanted, dim);
    Arrays.fill(weights, slice.offset(), slice.offset() + dim, 0);
    System.arraycopy(elements, 0, weights, slice.offset(), first == 0 ? 0 : dim);
    System.arraycopy(patches, 0, weights, slice.offset() + dim, patches.length);
    if (first > 1) {
      int registers = layout.slice("registers").offset();
      for (int i = 0; i < vit.registers() * dim; i++) {
        weights[registers + i] += elements[dim + i]; // a register's position is part of it here
      }
    }
    return side != wanted;
  }

  private int rowsBeforePatches(String name, int rows, VitShape vit) {
    List<Integer> forms = vit.registers() == 0 ? List.of(1, 0) : List.of(0, 1 + vit.registers(), 1);
    for (int first : forms) {
      int side = (int) Math.round(Math.sqrt(Math.max(0, rows - first)));
      if (side > 0 && side * side == rows - first) {
        return first;
      }
    }
    throw refused(
        "tensor "
            + name
            + " has "
            + rows
            + " rows, expected a square number of patches, or one"
            + " more for the cls token");
  }

  private void refuseWhatIsLost(String prefix) {
    for (TensorEntry entry : file.tensors()) {
      String name = entry.name();
      boolean backbones = name.startsWith(prefix) && !OTHERS.matcher(name).matches();
      if (backbones
          && !used.contains(name)
          && !PASSED_OVER.matcher(name.substring(prefix.length())).matches()) {
        throw refused(
            "holds tensor "
                + name
                + ", for which "
                + architecture.toMap()
                + " has no place: set model.* to what the file is for");
      }
    }
  }

  /** Takes the head, if there is one. */
  private boolean head() throws IOException {
    String anchor =
        switch (architecture.head()) {
          case PrototypeHead _ -> "head.mlp.0.weight";
          case MlpHead _ -> "head.projector.0.weight";
        };
    List<String> prefixes =
        file.tensors().stream()
            .map(TensorEntry::name)
            .filter(name -> name.equals(anchor) || name.endsWith("." + anchor))
            .filter(name -> !name.contains("student") && !name.startsWith("optimizer."))
            .map(name -> name.substring(0, name.length() - anchor.length()))
            .toList();
    if (prefixes.isEmpty()) {
      return false;
    }
    String prefix = prefixes.getFirst();
    for (Slice slice : layout.slices()) {
      if (slice.name().startsWith("head.")) {
        TensorName name = TensorNames.of(slice, architecture.backbone());
        copy(prefix + name.name(), name.shape(), slice);
      }
    }
    if (architecture.head() instanceof PrototypeHead) {
      checkGain(prefix + TensorNames.LAST_GAIN);
    }
    return true;
  }

  private void checkGain(String gain) throws IOException {
    if (file.find(gain).isPresent()) {
      for (float g : elements(gain, List.of(architecture.prototypes(), 1))) {
        if (g != 1) {
          throw refused(
              "tensor "
                  + gain
                  + " holds "
                  + g
                  + ", expected ones, for the gain is fixed here: import without the head");
        }
      }
    }
  }

  private WeightsException refused(String what) {
    return new WeightsException(file.path(), what);
  }
}
