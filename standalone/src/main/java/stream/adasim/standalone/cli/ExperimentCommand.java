package stream.adasim.standalone.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stream.adasim.standalone.experiment.Experiment;
import stream.adasim.standalone.experiment.Experiment.Finished;
import stream.adasim.standalone.experiment.ExperimentReport;
import stream.adasim.standalone.experiment.Plan;

/** A grid of trainings without Kafka, and what it says. */
@Command(
    name = "experiment",
    description = {
      "Trains every combination of a grid with every seed, trainer and neighbour memory wired"
          + " directly, without Kafka, and ends in one report: curves, intervals, cost, and a"
          + " recommendation with its evidence.",
      "Started again on the same folder it goes on: finished runs stay, others continue from their"
          + " checkpoints. README says what the file may hold."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim experiment partners.properties",
      "  adasim experiment partners.properties --out results/partners",
      "",
      "A small file:",
      "  data = cifar.tar!/train",
      "  held-out = cifar.tar!/test",
      "  passes = 20",
      "  seeds = 1, 2, 3",
      "  model.network = micro",
      "  grid.train.partner = self, nearest, adasim, adasim + train.temperature=0.05"
    })
final class ExperimentCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "A properties file in UTF-8.")
  private Path file = Path.of("");

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where runs and report go (default: the file's name without its ending).")
  private @Nullable Path out;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    Plan plan = Plan.read(file);
    Path folder = out == null ? beside(file) : out;
    Experiment.requireWritable(folder);
    Experiment experiment = new Experiment(plan, folder);
    PrintWriter terminal = spec.commandLine().getOut();
    try (Interrupt interrupt = Interrupt.onSignal()) {
      List<Finished> finished =
          experiment.run(
              interrupt::asked,
              line -> {
                terminal.println(line);
                terminal.flush();
              });
      ExperimentReport report =
          new ExperimentReport(plan, experiment, experiment.machine(), finished);
      Path page = folder.resolve("report.html");
      Files.writeString(page, report.html(LocalDate.now(ZoneOffset.UTC)));
      report.verdict().forEach(terminal::println);
      terminal.println("The report is " + page);
      if (interrupt.asked()) {
        terminal.println("Interrupted: the same command goes on where it was.");
      }
      terminal.flush();
    }
    return 0;
  }

  private static Path beside(Path file) {
    String name = file.toAbsolutePath().getFileName().toString();
    int dot = name.lastIndexOf('.');
    return file.resolveSibling(dot > 0 ? name.substring(0, dot) : name + "-results");
  }
}
