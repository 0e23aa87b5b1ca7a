package stream.adasim.standalone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.learner.weights.Model;
import stream.adasim.learner.weights.ModelFile;
import stream.adasim.standalone.evaluate.EvaluationReport;
import stream.adasim.standalone.evaluate.Measures;
import stream.adasim.standalone.evaluate.ModelEvaluation;
import stream.adasim.standalone.evaluate.Subject;
import stream.adasim.standalone.labelled.Example;
import stream.adasim.standalone.labelled.ImageSet;
import stream.adasim.standalone.labelled.ImageSet.Division;

/** How good a model's representations are, on labelled images. */
@Command(
    name = "evaluate",
    description = {
      "Measures a model on labelled images: nearest neighbours, linear probes with all and with few"
          + " labels, RankMe, alignment and uniformity, each beside the untrained network and the raw"
          + " pixels.",
      "The folder that an image lies in is its label. Without --held-out a fifth of each class is"
          + " held out."
    },
    mixinStandardHelpOptions = true,
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim evaluate photos/                                 the newest checkpoint",
      "  adasim evaluate 'cifar.tar!/train' --held-out 'cifar.tar!/test' --html report.html",
      "  adasim evaluate photos/ --model dino.safetensors --set model.network=small",
      "  adasim evaluate photos/ --from models --json report.json",
      "  adasim evaluate --embeddings                            what is published, as it is"
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final double HELD_OUT = 0.2;

  @Parameters(
      paramLabel = "DATA",
      arity = "0..1",
      description =
          "A folder, tar, zip or IDX file of labelled images; archive.tar!/folder for a part of one;"
              + " synthetic:N for generated ones.")
  private @Nullable String data;

  @Option(
      names = "--held-out",
      paramLabel = "DATA",
      description = "The images to classify; DATA is then all to learn from.")
  private @Nullable String heldOut;

  @Option(
      names = "--embeddings",
      description = "Evaluate the labelled part of the topic embeddings instead of a data set.")
  private boolean embeddings;

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description =
          "A safetensors file or a folder of checkpoints (default: what --from says). A file that"
              + " isn't an export of ours needs model.* set.")
  private @Nullable Path path;

  @Option(
      names = "--images",
      paramLabel = "N",
      description = "Images of each part at most (default: ${DEFAULT-VALUE}).",
      defaultValue = "10000")
  private int most = 10_000;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Draws of labels for the few-label probes (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int seeds = 5;

  @Option(names = "--json", paramLabel = "FILE", description = "Write all figures as JSON, too.")
  private @Nullable Path json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with a picture that needs nothing from outside.")
  private @Nullable Path html;

  @Option(names = "--svg", paramLabel = "FILE", description = "Write the picture alone.")
  private @Nullable Path svg;

  @Mixin private ModelSource source = new ModelSource();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (embeddings == (data != null)) {
      throw new UsageException("say either DATA or --embeddings: what is to be evaluated?");
    }
    if (most < 2 || seeds < 2) {
      throw new UsageException("--images and --seeds must be 2 or more");
    }
    LearnerConfig config = source.config();
    try (Kernels kernels = Backends.open(config.backend(), config.threads())) {
      EvaluationReport report =
          data == null ? published(config, kernels) : model(config, kernels, data);
      spec.commandLine().getOut().print(report.text());
      spec.commandLine().getOut().flush();
      write(json, report.json());
      write(html, report.html());
      write(svg, report.svg().replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" "));
    }
    return 0;
  }

  private static void write(@Nullable Path file, String text) throws IOException {
    if (file != null) {
      Files.writeString(file, text);
    }
  }

  private EvaluationReport model(LearnerConfig config, Kernels kernels, String place)
      throws IOException {
    Model model = find(config);
    Architecture architecture = model.architecture();
    Division parts = divide(config, architecture.imageSize(), place);
    ModelEvaluation evaluation = new ModelEvaluation(kernels, parts, seeds);
    List<Subject> subjects = new ArrayList<>();
    subjects.add(evaluation.network("trained", architecture, model.teacher()));
    subjects.addAll(evaluation.baselines(architecture, config.seed()));
    String name =
        "%s version %d, step %d".formatted(model.modelId(), model.version(), model.step());
    return report(name, place, parts, evaluation, subjects, List.of());
  }

  private EvaluationReport report(
      String model,
      String place,
      Division parts,
      ModelEvaluation evaluation,
      List<Subject> subjects,
      List<String> more) {
    List<String> remarks = new ArrayList<>(more);
    remarks.add(
        "Intervals of 95 %: Wilson's over the held-out images; Student's over "
            + seeds
            + " draws of labels where few are used. RankMe is not computed above "
            + Measures.MOST_DIMENSIONS
            + " dimensions.");
    int unreadable = parts.bank().unreadable() + parts.heldOut().unreadable();
    if (unreadable > 0) {
      remarks.add(unreadable + " files that should have been images could not be decoded.");
    }
    return new EvaluationReport(
        model,
        place,
        parts.bank().images().size(),
        parts.heldOut().images().size(),
        evaluation.classes(),
        remarks,
        subjects);
  }

  private Model find(LearnerConfig config) throws IOException {
    if (path == null || Files.isDirectory(path)) {
      return source.find(path);
    }
    if (!Files.isRegularFile(path)) {
      throw new UsageException(path + " is not there");
    }
    return ModelFile.read(path, config::architecture, config.seed());
  }

  private Division divide(LearnerConfig config, int size, String place) {
    ImageSet bank = ImageSet.read(place, most, config.decodeLimits(), size).labelled();
    Division parts =
        heldOut == null
            ? bank.divide(HELD_OUT)
            : new Division(
                bank, ImageSet.read(heldOut, most, config.decodeLimits(), size).labelled());
    require(parts);
    return parts;
  }

  private static void require(Division parts) {
    if (parts.bank().images().isEmpty() || parts.heldOut().images().size() < 2) {
      throw new UsageException(
          "found %d labelled images to learn from and %d to classify, expected 1 and 2 or more; the folder that an image lies in is its label"
              .formatted(parts.bank().images().size(), parts.heldOut().images().size()));
    }
  }

  private EvaluationReport published(LearnerConfig config, Kernels kernels) {
    PublishedEmbeddings published = PublishedEmbeddings.read(config, most);
    Division parts = new ImageSet("the topic embeddings", published.images(), 0).divide(HELD_OUT);
    require(parts);
    ModelEvaluation evaluation = new ModelEvaluation(kernels, parts, seeds);
    float[] bank = vectors(published, parts.bank());
    List<Subject> subjects = new ArrayList<>();
    int dim = bank.length / parts.bank().images().size();
    subjects.add(evaluation.given("published", bank, vectors(published, parts.heldOut()), dim));
    subjects.addAll(evaluation.baselines(config.architecture(), config.seed()));
    List<String> remarks =
        List.of(
            "%d labelled embeddings are of this version and have their image in the topic images; %d of other versions are left out."
                .formatted(published.images().size(), published.others()));
    return report(
        published.version(), "the topic embeddings", parts, evaluation, subjects, remarks);
  }

  private static float[] vectors(PublishedEmbeddings published, ImageSet images) {
    List<float[]> rows = new ArrayList<>();
    for (Example image : images.images()) {
      float[] vector = published.vectors().get(image.id());
      if (vector != null) {
        rows.add(vector);
      }
    }
    int dim = rows.getFirst().length;
    float[] all = new float[rows.size() * dim];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * dim, dim);
    }
    return all;
  }
}
