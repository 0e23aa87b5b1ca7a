package stream.adasim.standalone.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;
import stream.adasim.compute.BackendException;
import stream.adasim.http.HttpStartException;
import stream.adasim.ingest.IngestCommand;
import stream.adasim.ingest.OneLine;
import stream.adasim.ingest.source.SourceException;
import stream.adasim.learner.safetensors.SafetensorsException;
import stream.adasim.learner.weights.WeightsException;
import stream.adasim.schemas.catalogue.CatalogueException;
import stream.adasim.schemas.settings.SettingsException;
import stream.adasim.standalone.audit.AuditException;
import stream.adasim.standalone.broker.BrokerStartException;
import stream.adasim.standalone.experiment.ExperimentException;
import stream.adasim.standalone.registry.RegistryStartException;

/** Entry point of {@code bin/adasim}. */
@Command(
    name = "adasim",
    version = "AdaSim Stream 0.1.0",
    description = "Continual, label-free image representation learning on Kafka topics.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      StandaloneCommand.class,
      IngestCommand.class,
      LearnerCommand.class,
      IndexerCommand.class,
      StatusCommand.class,
      AuditCommand.class,
      ModelsCommand.class,
      EvaluateCommand.class,
      ExperimentCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim standalone                        everything on this machine, on generated images",
      "  adasim standalone --images photos/       the same on your own pictures",
      "  adasim ingest --help                     how to send images to a running system",
      "  adasim status                            how a running system does",
      "  adasim audit                             does it keep its promises?",
      "  adasim models --help                     how to take weights out and bring weights in",
      "  adasim evaluate photos/                  how good the model is on labelled images",
      "  adasim experiment grid.properties        which settings are best, and whether it matters"
    })
public final class Main implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((misuse, words) -> report(misuse))
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> report(failure, command.getErr()));
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return CommandLine.ExitCode.USAGE;
  }

  /** One line in place of picocli's whole usage, in which the fault would drown. */
  private static int report(ParameterException misuse) {
    CommandLine command = misuse.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String nearest =
        misuse instanceof UnmatchedArgumentException unmatched
                && !unmatched.getSuggestions().isEmpty()
            ? " (did you mean " + String.join(" or ", unmatched.getSuggestions()) + "?)"
            : "";
    command
        .getErr()
        .println(
            name + ": " + OneLine.of(misuse.getMessage()) + nearest + "; see " + name + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  /** One line for what an operator can mend; a stack trace only for what nobody expected. */
  private static int report(Exception failure, PrintWriter err) {
    switch (failure) {
      case SettingsException settings -> {
        settings.faults().forEach(fault -> err.println("adasim: " + fault));
        return CommandLine.ExitCode.USAGE;
      }
      case BrokerStartException start -> err.println("adasim: " + start.getMessage());
      case RegistryStartException start -> err.println("adasim: " + start.getMessage());
      case HttpStartException start -> err.println("adasim: " + start.getMessage());
      case CatalogueException topics -> err.println("adasim: " + topics.getMessage());
      case AuditException audit -> err.println("adasim: " + audit.getMessage());
      case UsageException usage -> {
        err.println("adasim: " + usage.getMessage());
        return CommandLine.ExitCode.USAGE;
      }
      case BackendException backend -> err.println("adasim: " + backend.getMessage());
      case SafetensorsException file -> err.println("adasim: " + file.getMessage());
      case WeightsException weights -> err.println("adasim: " + weights.getMessage());
      case ServiceFailedException service -> err.println("adasim: " + service.getMessage());
      case SourceException source -> {
        err.println("adasim: " + source.getMessage());
        return CommandLine.ExitCode.USAGE;
      }
      case ExperimentException experiment -> {
        err.println("adasim: " + experiment.getMessage());
        return CommandLine.ExitCode.USAGE;
      }
      case KafkaException kafka -> err.println("adasim: " + OneLine.of(kafka));
      default -> log.error("adasim stops because of an unexpected failure", failure);
    }
    return CommandLine.ExitCode.SOFTWARE;
  }
}
