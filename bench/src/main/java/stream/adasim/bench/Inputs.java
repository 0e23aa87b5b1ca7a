package stream.adasim.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import stream.adasim.ingest.source.SourceException;
import stream.adasim.learner.safetensors.SafetensorsException;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.ModelFile;
import stream.adasim.learner.weights.WeightsException;

/** What the user of a bench gives it, and how it says what is wrong with that. */
public final class Inputs {
  private Inputs() {}

  /**
   * Reads a model that tells its network.
   *
   * @param seed of what the file doesn't hold, such as a head
   * @throws InputException where there is no such file, or it tells no network
   * @throws SafetensorsException where the file is damaged
   * @throws WeightsException where its tensors don't fit its network
   */
  public static Model model(Path file, long seed) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + " is no file; expected a model in safetensors");
    }
    return ModelFile.read(
        file,
        () -> {
          throw new InputException(
              file + " doesn't tell its network; expected what keep-models=true or export wrote");
        },
        seed);
  }

  /** A command that answers what its user can mend in one line. */
  public static CommandLine commandLine(Object command) {
    return new CommandLine(command).setExecutionExceptionHandler(Inputs::failed);
  }

  private static int failed(Exception failure, CommandLine command, ParseResult parsed)
      throws Exception {
    switch (failure) {
      case InputException _ -> {}
      case SourceException _ -> {}
      case SafetensorsException _ -> {}
      case WeightsException _ -> {}
      default -> throw failure;
    }
    command.getErr().println(command.getCommandName() + ": " + failure.getMessage());
    return CommandLine.ExitCode.USAGE;
  }
}
