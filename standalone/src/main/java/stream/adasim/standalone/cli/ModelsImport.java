package stream.adasim.standalone.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.learner.checkpoint.CheckpointStore;
import stream.adasim.learner.checkpoint.Loaded;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.weights.InitialWeights;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;
import stream.adasim.learner.weights.WeightsImport;
import stream.adasim.learner.weights.WeightsImport.Imported;

/** Pretrained weights into a training that has not begun. */
@Command(
    name = "import",
    description = {
      "Fits weights of DINO, timm, torchvision or of an export to the network of the settings, and"
          + " puts them into checkpoint.folder, where a learner that has no checkpoint yet starts"
          + " from them.",
      "Positions are interpolated where the file is for another image size; without a head in the"
          + " file the head is the seed's untrained one. Start the learner with the same settings."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim models import dino_vits16.safetensors --set model.network=small \\",
      "      --set model.patch-size=16 --set model.image-size=96",
      "  adasim models import resnet50.safetensors --set model.network=resnet50 \\",
      "      --set model.stem=imagenet --set model.image-size=224",
      "",
      "A checkpoint of PyTorch becomes a safetensors file in Python, by",
      "  weights = torch.load('dino.pth', map_location='cpu')",
      "  safetensors.torch.save_file(weights, 'dino.safetensors')",
      "where of DINO's full checkpoints weights['teacher'] is what to save."
    })
final class ModelsImport implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "A safetensors file.")
  private Path file = Path.of("");

  @Option(
      names = "--without-head",
      description = "Leave the file's projection head and take the seed's untrained one.")
  private boolean withoutHead;

  @Mixin private SettingsOptions settings = new SettingsOptions();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    LearnerConfig config =
        LearnerConfig.from(settings.load(LearnerConfig.definition(), System.getenv(), Map.of()));
    if (!Files.isRegularFile(file)) {
      throw new UsageException(file + " is no file");
    }
    Path folder = Files.createDirectories(config.saving().folder());
    refuseIfBegun(folder);
    Imported imported =
        WeightsImport.read(file, config.architecture(), !withoutHead, config.seed());
    Path place = InitialWeights.place(folder);
    var model = new Model(config.architecture(), "imported", 0, 0, imported.weights(), null);
    WeightsExport.write(place, model, imported.head(), false);
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%s: fitted to %s%n", place, config.architecture().toMap());
    out.println(
        imported.head()
            ? "The projection head is the file's."
            : "The projection head is untrained, by seed " + config.seed() + ".");
    if (imported.interpolated()) {
      out.println("Positions were interpolated to " + config.architecture().imageSize() + " px.");
    }
    return 0;
  }

  private static void refuseIfBegun(Path folder) throws IOException {
    try (Loaded newest = CheckpointStore.read(folder, damaged -> {}).orElse(null)) {
      if (newest != null) {
        throw new UsageException(
            folder
                + " holds a checkpoint of step "
                + newest.step()
                + ", from which training goes on; set another checkpoint.folder");
      }
    }
  }
}
