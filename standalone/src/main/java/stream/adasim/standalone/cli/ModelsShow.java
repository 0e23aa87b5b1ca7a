package stream.adasim.standalone.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stream.adasim.learner.network.ParameterLayout;
import stream.adasim.learner.network.ParameterLayout.Slice;
import stream.adasim.learner.safetensors.SafetensorsFile;
import stream.adasim.learner.safetensors.TensorEntry;
import stream.adasim.learner.weights.Model;

/** What a file, a folder of checkpoints or the topic holds. */
@Command(
    name = "show",
    description = "Prints which model is there, and its tensors with their shapes.",
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim models show dino.safetensors      any safetensors file",
      "  adasim models show data/checkpoints      the newest checkpoint of a folder",
      "  adasim models show --from models         the newest snapshot on the topic"
    })
final class ModelsShow implements Callable<Integer> {
  @Parameters(
      paramLabel = "PATH",
      arity = "0..1",
      description = "A safetensors file or a folder of checkpoints (default: checkpoint.folder).")
  private @Nullable Path path;

  @Mixin private ModelSource source = new ModelSource();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (path != null && !Files.exists(path)) {
      throw new UsageException(path + " is not there");
    }
    if (path != null && Files.isRegularFile(path)) {
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        show(file, out);
      }
    } else {
      show(source.find(path), out);
    }
    return 0;
  }

  private static void show(SafetensorsFile file, PrintWriter out) {
    file.metadata().forEach((name, text) -> out.printf("%-24s %s%n", name, text));
    long elements = 0;
    for (TensorEntry tensor : file.tensors()) {
      line(out, tensor.name(), tensor.kind().name(), tensor.shape());
      elements += tensor.size();
    }
    out.printf("%,d tensors, %,d elements%n", file.tensors().size(), elements);
  }

  private static void show(Model model, PrintWriter out) {
    out.printf("%-24s %s%n", "modelId", model.modelId());
    out.printf("%-24s %,d%n", "version", model.version());
    out.printf("%-24s %,d%n", "step", model.step());
    model.architecture().toMap().forEach((name, text) -> out.printf("%-24s %s%n", name, text));
    var layout = new ParameterLayout(model.architecture());
    for (Slice slice : layout.slices()) {
      line(out, slice.name(), "F32", slice.shape());
    }
    out.printf(
        "%,d parameters in %,d tensors, %s optimiser%n",
        layout.size(), layout.slices().size(), model.training() == null ? "without" : "with");
  }

  private static void line(PrintWriter out, String name, String kind, List<?> shape) {
    out.printf("%-44s %-5s %s%n", name, kind, shape);
  }
}
