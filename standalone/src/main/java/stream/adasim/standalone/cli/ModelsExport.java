package stream.adasim.standalone.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.WeightsExport;

/** A model of ours to a file. */
@Command(
    name = "export",
    description = {
      "Writes the teacher as safetensors: the backbone under the names of timm and torchvision, the"
          + " projection head under DINO's.",
      "examples/python/load_timm.py loads such a file. A learner may be running meanwhile."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim models export teacher.safetensors",
      "  adasim models export all.safetensors --optimiser \\",
      "      --set checkpoint.folder=/var/lib/adasim",
      "  adasim models export teacher.safetensors --from models \\",
      "      --set bootstrap.servers=kafka:9092"
    })
final class ModelsExport implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "Where to write; replaced if it is there.")
  private Path file = Path.of("");

  @Option(names = "--without-head", description = "Leave out the projection head.")
  private boolean withoutHead;

  @Option(
      names = "--optimiser",
      description = "Write student, AdamW's moments and the centre, too (from a checkpoint only).")
  private boolean optimiser;

  @Mixin private ModelSource source = new ModelSource();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Model model = source.find(null);
    if (optimiser && model.training() == null) {
      throw new UsageException(
          "--optimiser needs --from checkpoint: a snapshot holds the teacher alone");
    }
    WeightsExport.write(file, model, !withoutHead, optimiser);
    spec.commandLine()
        .getOut()
        .printf(
            "%s: %s version %d, step %,d%n", file, model.modelId(), model.version(), model.step());
    return 0;
  }
}
