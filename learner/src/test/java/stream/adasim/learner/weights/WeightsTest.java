package stream.adasim.learner.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.Bicubic;
import stream.adasim.learner.network.MlpHead;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.ResNetShape.Block;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.objective.Objective;
import stream.adasim.learner.objective.ObjectiveState;
import stream.adasim.learner.safetensors.SafetensorsFile;
import stream.adasim.learner.safetensors.SafetensorsWriter;
import stream.adasim.learner.safetensors.TensorEntry;
import stream.adasim.learner.weights.WeightsImport.Imported;

class WeightsTest {
  private static final long SEED = 3;

  @TempDir Path folder;

  private final Architecture vit = new Architecture(new VitShape(8, 4, 6, 1, 2, 2, 0), 5, 4, 7);
  private final Architecture resNet =
      new Architecture(
          new ResNetShape(8, Stem.IMAGENET, Block.BOTTLENECK, List.of(1, 1), 2), 5, 4, 7);

  /** Facebook's checkpoint of a transformer, name for name. */
  private static final Map<String, List<Integer>> DINO = new LinkedHashMap<>();

  static {
    DINO.put("cls_token", List.of(1, 1, 6));
    DINO.put("pos_embed", List.of(1, 5, 6));
    DINO.put("patch_embed.proj.weight", List.of(6, 3, 4, 4));
    DINO.put("patch_embed.proj.bias", List.of(6));
    DINO.put("blocks.0.norm1.weight", List.of(6));
    DINO.put("blocks.0.norm1.bias", List.of(6));
    DINO.put("blocks.0.attn.qkv.weight", List.of(18, 6));
    DINO.put("blocks.0.attn.qkv.bias", List.of(18));
    DINO.put("blocks.0.attn.proj.weight", List.of(6, 6));
    DINO.put("blocks.0.attn.proj.bias", List.of(6));
    DINO.put("blocks.0.norm2.weight", List.of(6));
    DINO.put("blocks.0.norm2.bias", List.of(6));
    DINO.put("blocks.0.mlp.fc1.weight", List.of(12, 6));
    DINO.put("blocks.0.mlp.fc1.bias", List.of(12));
    DINO.put("blocks.0.mlp.fc2.weight", List.of(6, 12));
    DINO.put("blocks.0.mlp.fc2.bias", List.of(6));
    DINO.put("norm.weight", List.of(6));
    DINO.put("norm.bias", List.of(6));
  }

  private static final Map<String, List<Integer>> DINO_HEAD =
      Map.of(
          "head.mlp.0.weight", List.of(5, 6),
          "head.mlp.0.bias", List.of(5),
          "head.mlp.2.weight", List.of(5, 5),
          "head.mlp.2.bias", List.of(5),
          "head.mlp.4.weight", List.of(4, 5),
          "head.mlp.4.bias", List.of(4),
          "head.last_layer.weight_v", List.of(7, 4));

  @Test
  void everyExportComesBackBitForBit() throws IOException {
    var registers = new Architecture(new VitShape(12, 4, 6, 2, 2, 2, 0), 5, 4, 7);
    for (Architecture architecture : List.of(vit, resNet, registers)) {
      Model model = model(architecture);
      Path file = folder.resolve("export.safetensors");
      WeightsExport.write(file, model, true, false);
      Imported imported = WeightsImport.read(file, architecture, true, SEED);
      assertThat(imported.weights()).isEqualTo(model.teacher());
      assertThat(imported.head()).isTrue();
      assertThat(imported.interpolated()).isFalse();
    }
  }

  @Test
  void anExportSaysWhatNetworkItIsFor() throws IOException {
    Path file = folder.resolve("export.safetensors");
    Model model = model(vit);
    WeightsExport.write(file, model, true, false);
    Model read = ModelFile.read(file, () -> resNet, SEED);
    assertThat(read.architecture()).isEqualTo(vit);
    assertThat(read.teacher()).isEqualTo(model.teacher());
    assertThat(read.modelId()).isEqualTo(model.modelId());
    assertThat(read.step()).isEqualTo(model.step());
  }

  @Test
  void headsOfOtherObjectivesComeBackTooWithTheirStatistics() throws IOException {
    for (Objective objective : Objective.values()) {
      if (objective == Objective.DINO) {
        continue;
      }
      MlpHead published = (MlpHead) objective.headed(vit).head();
      int predictor = published.predictorHidden() == 0 ? 0 : 3;
      for (Architecture backbone : List.of(vit, resNet)) {
        var architecture = backbone.withHead(new MlpHead(published.kind(), 5, 4, predictor));
        Model model = model(architecture, objective);
        Path file = folder.resolve("export.safetensors");
        WeightsExport.write(file, model, true, true);
        Imported imported = WeightsImport.read(file, architecture, true, SEED);
        assertThat(imported.weights()).isEqualTo(model.teacher());
        assertThat(imported.head()).isTrue();
        // And to whoever trains by another objective the backbone is worth the same.
        Imported alone = WeightsImport.read(file, backbone, true, SEED);
        assertThat(alone.head()).isFalse();
        Slice first = new ParameterLayout(backbone).slices().get(5);
        Slice same = new ParameterLayout(architecture).slice(first.name());
        assertThat(part(alone.weights(), first)).isEqualTo(part(model.teacher(), same));
        try (SafetensorsFile in = SafetensorsFile.open(file)) {
          List<String> names = in.tensors().stream().map(TensorEntry::name).toList();
          assertThat(names).contains("head.projector.1.running_var", "head.projector.3.weight");
          assertThat(names.contains("student.head.projector.0.weight"))
              .isEqualTo(objective.hasTeacher());
          assertThat(names.contains("queue")).isEqualTo(objective == Objective.NNCLR);
        }
      }
    }
  }

  /** The cls token and its position are one tensor in timm's form, and add up to the same. */
  @Test
  void registersComeBackWithTheClsTokensPositionAddedToIt() throws IOException {
    var architecture = new Architecture(new VitShape(8, 4, 6, 1, 2, 2, 3), 5, 4, 7);
    var layout = new ParameterLayout(architecture);
    Model model = model(architecture);
    Path file = folder.resolve("export.safetensors");
    WeightsExport.write(file, model, true, false);
    float[] back = WeightsImport.read(file, architecture, true, SEED).weights();
    int cls = layout.slice("cls").offset();
    int pos = layout.slice("pos").offset();
    float[] expected = model.teacher().clone();
    for (int c = 0; c < 6; c++) {
      expected[cls + c] += expected[pos + c];
      expected[pos + c] = 0;
    }
    assertThat(back).isEqualTo(expected);
  }

  @Test
  void readsDinosCheckpointWithItsTeacherAndHead() throws IOException {
    var numbers = new Fixture(11);
    var out = new SafetensorsWriter();
    var teacher = new LinkedHashMap<String, float[]>();
    for (String role : List.of("student.module.", "teacher.")) {
      DINO.forEach((name, shape) -> add(out, role + "backbone." + name, shape, numbers, teacher));
      DINO_HEAD.forEach((name, shape) -> add(out, role + name, shape, numbers, teacher));
      float[] ones = new float[7];
      Arrays.fill(ones, 1);
      out.add(role + "head.last_layer.weight_g", List.of(7, 1), ones);
    }
    Path file = write(out);
    Imported imported = WeightsImport.read(file, vit, true, SEED);
    assertThat(imported.head()).isTrue();
    for (Slice slice : new ParameterLayout(vit).slices()) {
      String name = TensorNames.of(slice, vit.backbone()).name();
      String prefix = name.startsWith("head.") ? "teacher." : "teacher.backbone.";
      assertThat(part(imported.weights(), slice)).isEqualTo(teacher.get(prefix + name));
    }
  }

  @Test
  void aBackboneAloneGetsTheSeedsHead() throws IOException {
    Path file = write(backbone(DINO));
    Imported imported = WeightsImport.read(file, vit, true, SEED);
    assertThat(imported.head()).isFalse();
    float[] initial = new ParameterLayout(vit).initialWeights(SEED);
    for (Slice slice : new ParameterLayout(vit).slices()) {
      boolean head = slice.name().startsWith("head.");
      assertThat(Arrays.equals(part(imported.weights(), slice), part(initial, slice)))
          .as(slice.name())
          .isEqualTo(head);
    }
  }

  @Test
  void positionsAreInterpolatedForAnotherImageSize() throws IOException {
    Path file = write(backbone(DINO));
    var larger = new Architecture(new VitShape(12, 4, 6, 1, 2, 2, 0), 5, 4, 7);
    Imported imported = WeightsImport.read(file, larger, true, SEED);
    assertThat(imported.interpolated()).isTrue();
    float[] pos = part(imported.weights(), new ParameterLayout(larger).slice("pos"));
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      float[] from = in.floats("pos_embed");
      assertThat(Arrays.copyOf(pos, 6)).isEqualTo(Arrays.copyOf(from, 6));
      assertThat(Arrays.copyOfRange(pos, 6, pos.length))
          .isEqualTo(Bicubic.resize(from, 6, 2, 3, 6));
    }
  }

  @Test
  void passesOverClassifiersAndCounters() throws IOException {
    var out = backbone(DINO);
    out.add("head.weight", List.of(2, 6), new float[12]);
    out.add("head.bias", List.of(2), new float[2]);
    assertThat(WeightsImport.read(write(out), vit, true, SEED).head()).isFalse();
  }

  @Test
  void namesTheTensorThatIsMissingHasAnotherShapeOrWouldBeLost() throws IOException {
    var shapes = new LinkedHashMap<>(DINO);
    shapes.remove("blocks.0.mlp.fc1.bias");
    refused(backbone(shapes), "lacks tensor blocks.0.mlp.fc1.bias");
    shapes.put("blocks.0.mlp.fc1.bias", List.of(11));
    refused(backbone(shapes), "tensor blocks.0.mlp.fc1.bias has shape [11], expected [12]");
    shapes.put("blocks.0.mlp.fc1.bias", List.of(12));
    shapes.put("blocks.0.ls1.gamma", List.of(6));
    refused(backbone(shapes), "holds tensor blocks.0.ls1.gamma, for which");
    shapes.remove("blocks.0.ls1.gamma");
    shapes.put("pos_embed", List.of(1, 7, 6));
    refused(backbone(shapes), "tensor pos_embed has 7 rows, expected a square number");
    shapes.put("pos_embed", List.of(5, 6));
    refused(backbone(shapes), "tensor pos_embed has shape [5, 6], expected [1, n, 6]");
    refused(new SafetensorsWriter(), "lacks tensor cls_token, which a vit has; it holds nothing");
  }

  @Test
  void refusesAHeadThatDoesNotFitUnlessItIsLeftOut() throws IOException {
    var numbers = new Fixture(11);
    var out = backbone(DINO);
    DINO_HEAD.forEach((name, shape) -> add(out, name, shape, numbers, new LinkedHashMap<>()));
    out.add("head.last_layer.weight_g", List.of(7, 1), new float[] {1, 1, 1, 2, 1, 1, 1});
    refused(out, "weight_g holds 2.0, expected ones");
    Path file = write(out);
    assertThat(WeightsImport.read(file, vit, false, SEED).head()).isFalse();
    var wider = new Architecture(vit.backbone(), 6, 4, 7);
    assertThatThrownBy(() -> WeightsImport.read(file, wider, true, SEED))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("tensor head.mlp.0.weight has shape [5, 6], expected [6, 6]");
  }

  @Test
  void aTransformersFileIsNoResidualNetworks() throws IOException {
    Path file = write(backbone(DINO));
    assertThatThrownBy(() -> WeightsImport.read(file, resNet, true, SEED))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("lacks tensor conv1.weight, which a resnet has; it holds cls_token,")
        .hasMessageContaining("set model.network");
  }

  @Test
  void residualNetworksAreNamedAsInTorchvision() throws IOException {
    WeightsExport.write(folder.resolve("r"), model(resNet), false, false);
    try (SafetensorsFile in = SafetensorsFile.open(folder.resolve("r"))) {
      assertThat(in.tensors())
          .extracting(TensorEntry::name)
          .contains(
              "conv1.weight",
              "bn1.weight",
              "bn1.bias",
              "bn1.running_mean",
              "bn1.running_var",
              "layer1.0.conv1.weight",
              "layer1.0.bn3.running_var",
              "layer1.0.downsample.0.weight",
              "layer2.0.conv3.weight",
              "layer2.0.downsample.1.bias");
      assertThat(in.metadata())
          .containsEntry("format", "pt")
          .containsEntry("adasim.block", "bottleneck")
          .containsEntry("adasim.step", "9");
    }
  }

  @Test
  void theOptimiserGoesWithACheckpointWhereAsked() throws IOException {
    Model model = model(resNet);
    Path file = folder.resolve("all");
    WeightsExport.write(file, model, true, true);
    ObjectiveState training = Objects.requireNonNull(model.training());
    try (SafetensorsFile in = SafetensorsFile.open(file)) {
      Slice slice = new ParameterLayout(resNet).slice("stem.weight");
      assertThat(in.floats("student.conv1.weight")).isEqualTo(part(training.student(), slice));
      assertThat(in.floats("optimizer.exp_avg.conv1.weight")).isEqualTo(part(training.m(), slice));
      assertThat(in.floats("optimizer.exp_avg_sq.conv1.weight"))
          .isEqualTo(part(training.v(), slice));
      assertThat(in.find("optimizer.exp_avg.bn1.running_mean")).isEmpty();
      assertThat(in.floats("center")).isEqualTo(training.own());
    }
    assertThat(WeightsImport.read(file, resNet, true, SEED).weights()).isEqualTo(model.teacher());
    var snapshot = new Model(resNet, "m", 1, 2, model.teacher(), null);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WeightsExport.write(file, snapshot, true, true))
        .withMessageContaining("export from a checkpoint");
  }

  private static Model model(Architecture architecture) {
    return model(architecture, Objective.DINO);
  }

  private static Model model(Architecture architecture, Objective objective) {
    var layout = new ParameterLayout(architecture);
    var numbers = new Fixture(5);
    var training =
        new ObjectiveState(
            objective,
            9,
            8,
            numbers.take(layout.size()),
            numbers.take(layout.size()),
            numbers.take(layout.trainedSize()),
            numbers.take(layout.trainedSize()),
            numbers.take(
                switch (objective) {
                  case DINO -> architecture.prototypes();
                  case NNCLR -> 3 * architecture.mlpHead().output();
                  case BYOL, SIMSIAM, MOCOV3, MOCOV3_NO_NEGATIVES, SIMCLR -> 0;
                }));
    return new Model(architecture, "m", 4, 9, training.teacher(), training);
  }

  private static void add(
      SafetensorsWriter out,
      String name,
      List<Integer> shape,
      Fixture numbers,
      Map<String, float[]> kept) {
    float[] elements = numbers.fill(name, shape);
    out.add(name, shape, elements);
    kept.put(name, elements);
  }

  private static SafetensorsWriter backbone(Map<String, List<Integer>> shapes) {
    var numbers = new Fixture(11);
    var out = new SafetensorsWriter();
    shapes.forEach((name, shape) -> add(out, name, shape, numbers, new LinkedHashMap<>()));
    return out;
  }

  private void refused(SafetensorsWriter out, String why) throws IOException {
    Path file = write(out);
    assertThatThrownBy(() -> WeightsImport.read(file, vit, true, SEED))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(why);
  }

  private Path write(SafetensorsWriter out) throws IOException {
    Path file = folder.resolve("dino.safetensors");
    out.write(file, Map.of());
    return file;
  }

  private static float[] part(float[] weights, Slice slice) {
    return Arrays.copyOfRange(weights, slice.offset(), slice.offset() + slice.size());
  }
}
