package stream.adasim.ingest;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import stream.adasim.ingest.http.IngestService;
import stream.adasim.ingest.http.ReceiverConfig;
import stream.adasim.ingest.source.Source;
import stream.adasim.ingest.source.SourceException;
import stream.adasim.schemas.catalogue.CatalogueException;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.settings.SettingsException;

/**
 * The command line of ingest. Exit codes: {@value #FINE} all fine, {@value #BAD_WORLD} broker or
 * registry failed, {@value #USAGE} wrong usage, {@value #SOME_UNREADABLE} some of it could not be
 * read and the rest was sent.
 */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Sends images to the images topic. The same image gets the same id each time.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all fine",
      "1:broker or registry failed",
      "2:wrong usage",
      "3:some could not be read; the rest was sent"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim ingest photos/                    a folder with its sub-folders; these are labels",
      "  adasim ingest --watch photos/            and whatever appears there later",
      "  adasim ingest --http                     take images over HTTP until stopped (http.port)",
      "  adasim ingest --http --watch photos/     both in one process",
      "  adasim ingest train.tar test.zip         archives, never unpacked",
      "  adasim ingest train-images-idx3-ubyte.gz MNIST's format; labels beside it are used",
      "  adasim ingest --synthetic 5000 --rate 50 drawings of ten classes, 50 a second",
      "  adasim ingest train.tar --shuffle 1 --repeat 3",
      "  adasim ingest --delete photos/cat/7.jpg  takes an image out everywhere",
      "",
      "Shuffling mixes within each source, source by source. It is complete for folders, tar, zip,",
      "IDX and drawings. A tar.gz goes through a buffer of 4096 images or 64 MiB."
    })
public final class IngestCommand implements Callable<Integer> {
  static final int FINE = 0;
  static final int BAD_WORLD = 1;
  static final int USAGE = 2;
  static final int SOME_UNREADABLE = 3;

  @Parameters(
      paramLabel = "PATH",
      arity = "0..*",
      description = "Folder, tar, tar.gz or zip archive, IDX file of images, or image.")
  private List<Path> paths = new ArrayList<>();

  @Option(names = "--synthetic", paramLabel = "N", description = "Draw N labelled images.")
  private @Nullable Integer synthetic;

  @Option(
      names = "--size",
      paramLabel = "PX",
      description = "Side of drawn images, 32..96 (default: ${DEFAULT-VALUE}).")
  private int size = Drawings.DEFAULT_SIZE;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of drawn images (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Images per second, evenly spaced (default: as fast as it goes).")
  private @Nullable Double rate;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      description = "Passes over all sources (default: ${DEFAULT-VALUE}).")
  private int repeat = 1;

  @Option(
      names = "--shuffle",
      paramLabel = "SEED",
      description = "Shuffle each source; each pass anew.")
  private @Nullable Long shuffle;

  @Option(names = "--limit", paramLabel = "N", description = "End after N images, all in all.")
  private @Nullable Long limit;

  @Option(
      names = "--watch",
      description = "Go on with new and changed files in the folders, until stopped.")
  private boolean watch;

  @Option(
      names = "--http",
      description = "Take images over HTTP, too, until stopped; POST /v1/images (http.port).")
  private boolean http;

  @Option(
      names = "--only-new",
      description =
          "Pass over images whose id the topic has seen, whatever their content, deleted ones too.")
  private boolean onlyNew;

  @Option(
      names = "--delete",
      paramLabel = "ID",
      arity = "1..*",
      description = "Delete these images everywhere; all words up to the next option are ids.")
  private List<String> deletions = new ArrayList<>();

  @Option(
      names = "--id-prefix",
      paramLabel = "TEXT",
      description = "Put before the ids of all images sent.")
  private String idPrefix = "";

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Kafka brokers; the same as --set bootstrap.servers=...")
  private @Nullable String bootstrapServers;

  @Mixin private SettingsOptions settings = new SettingsOptions();

  @Option(names = "--quiet", description = "Show no progress and no summary.")
  private boolean quiet;

  @Spec private @Nullable CommandSpec spec;

  private final Map<String, String> environment;

  public IngestCommand() {
    this(System.getenv());
  }

  IngestCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    PrintWriter err = Objects.requireNonNull(spec, "to be run by picocli").commandLine().getErr();
    try {
      Optional<IngestOptions> options = options();
      // Faults in the paths before faults in the world.
      options.ifPresent(given -> given.sources(Integer.MAX_VALUE));
      return run(settings(), options, err);
    } catch (SourceException | SettingsException e) {
      err.println("adasim ingest: " + OneLine.of(e.getMessage()));
      return USAGE;
    } catch (IngestException | CatalogueException e) {
      err.println("adasim ingest: " + OneLine.of(e.getMessage()));
      return BAD_WORLD;
    } finally {
      err.flush();
    }
  }

  /** Empty where images come over HTTP alone. */
  private Optional<IngestOptions> options() {
    if (http && !watch && paths.isEmpty() && synthetic == null && deletions.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(fromFiles());
  }

  private IngestOptions fromFiles() {
    return new IngestOptions(
        paths,
        synthetic == null ? Optional.empty() : Optional.of(new Drawings(synthetic, size, seed)),
        deletions,
        idPrefix,
        rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
        repeat,
        shuffle == null ? OptionalLong.empty() : OptionalLong.of(shuffle),
        limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
        watch,
        onlyNew);
  }

  private Settings settings() {
    Map<String, String> fixed =
        bootstrapServers == null
            ? Map.of()
            : Map.of(Connection.BOOTSTRAP_SERVERS, bootstrapServers);
    return settings.load(IngestConfig.definition(), environment, fixed);
  }

  private int run(Settings settings, Optional<IngestOptions> options, PrintWriter err) {
    try (StopSignal stop = StopSignal.listen()) {
      if (!http) {
        return options.isPresent() ? send(settings, options.get(), err, stop, _ -> {}) : FINE;
      }
      try (IngestService service =
          IngestService.start(
              Connection.from(settings), ReceiverConfig.from(settings), InstantSource.system())) {
        if (!quiet) {
          say(err, onTerminal(), "images over HTTP: POST " + service.url() + "/v1/images");
        }
        int code =
            options.isPresent()
                ? send(settings, options.get(), err, stop, service::readFromFiles)
                : FINE;
        stop.await();
        return code;
      }
    }
  }

  private int send(
      Settings settings,
      IngestOptions options,
      PrintWriter err,
      StopSignal stop,
      Consumer<IngestReport> metrics) {
    boolean terminal = onTerminal();
    long start = System.nanoTime();
    IngestReport report =
        Ingest.send(
            IngestConfig.from(settings),
            options,
            line -> say(err, terminal, "unreadable: " + line),
            stop::asked,
            sources -> progress(options, sources, terminal, err).andTell(metrics));
    if (!quiet) {
      say(err, terminal, summary(report, (System.nanoTime() - start) / 1e9));
    }
    return report.unreadable() == 0 ? FINE : SOME_UNREADABLE;
  }

  private Progress progress(
      IngestOptions options, List<Source> sources, boolean terminal, PrintWriter err) {
    if (quiet) {
      return new Progress.Quiet();
    }
    OptionalLong total = total(options, sources);
    return terminal
        ? new BarProgress(total)
        : new LineProgress(total, InstantSource.system(), line -> say(err, false, line));
  }

  /** Items to expect; unknown where a source cannot tell, or a watch goes on for ever. */
  static OptionalLong total(IngestOptions options, List<Source> sources) {
    if (options.watch()) {
      return options.limit();
    }
    long items = 0;
    for (Source source : sources) {
      OptionalLong count = source.count();
      if (count.isEmpty()) {
        return options.limit();
      }
      items += count.getAsLong();
    }
    return OptionalLong.of(
        Math.min(items * options.repeat(), options.limit().orElse(Long.MAX_VALUE)));
  }

  static String summary(IngestReport report, double seconds) {
    var text =
        new StringBuilder(
            String.format(
                "sent %d images (%.1f MB) in %.1f s, %.1f images/s",
                report.sent(), report.bytes() / 1e6, seconds, report.sent() / seconds));
    if (report.deleted() > 0) {
      text.append("; deleted ").append(report.deleted());
    }
    if (report.known() > 0) {
      text.append("; known ").append(report.known());
    }
    return text.append("; skipped ")
        .append(report.skipped())
        .append("; unreadable ")
        .append(report.unreadable())
        .toString();
  }

  /** On a terminal the line first wipes out the bar that stands there. */
  private static void say(PrintWriter err, boolean terminal, String line) {
    err.println(terminal ? "\r\u001b[K" + line : line);
    err.flush();
  }

  /** Whether standard error is a terminal; Java itself only tells of input and output together. */
  private static boolean onTerminal() {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/2"))
          .toString()
          .matches("/dev/(pts/|tty|console).*");
    } catch (IOException | UnsupportedOperationException _) {
      return false; // plain lines do no harm on a terminal either
    }
  }
}
