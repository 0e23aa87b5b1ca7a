package stream.adasim.standalone.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Weights in and out. */
@Command(
    name = "models",
    description =
        "Takes models out as safetensors, brings pretrained weights in, shows what is there.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {ModelsExport.class, ModelsImport.class, ModelsShow.class},
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim models export teacher.safetensors       of the newest checkpoint",
      "  adasim models import resnet18.safetensors --set model.network=resnet18",
      "  adasim models show teacher.safetensors"
    })
final class ModelsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }
}
