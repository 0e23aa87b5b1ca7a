package stream.adasim.standalone.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import stream.adasim.indexer.IndexerConfig;
import stream.adasim.ingest.SettingsOptions;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.standalone.status.StatusReader;
import stream.adasim.standalone.status.StatusScreen;
import stream.adasim.standalone.status.SystemStatus;

/** How a running system does, wherever it runs. */
@Command(
    name = "status",
    description = {
      "Says how a running system does: services, lag, training, freshness, dead letters, alarms.",
      "Asks its broker, its topics and the schema registry, and nothing else."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:no alarm", "1:no broker answers", "2:wrong usage", "3:there are alarms"},
    footerHeading = "%nExamples:%n",
    footer = {
      "  adasim status                                     of standalone on this machine",
      "  adasim status --bootstrap-servers localhost:9094  of the containers",
      "  adasim status --json | jq .training[0].loss"
    })
final class StatusCommand implements Callable<Integer> {
  static final int ALARMS = 3;

  @Option(names = "--json", description = "As JSON.")
  private boolean json;

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description = "Kafka brokers; the same as --set bootstrap.servers=...")
  private @Nullable String bootstrapServers;

  @Mixin private SettingsOptions options = new SettingsOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws JsonProcessingException {
    Map<String, String> fixed =
        bootstrapServers == null
            ? Map.of()
            : Map.of(Connection.BOOTSTRAP_SERVERS, bootstrapServers);
    // Any service's settings will do.
    Settings settings = options.load(Standalone.definition(), System.getenv(), fixed);
    SystemStatus status =
        new StatusReader(
                Connection.from(settings),
                IndexerConfig.from(settings).applicationId(),
                InstantSource.system())
            .read();
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(
          JsonMapper.builder()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .build()
              .writeValueAsString(status));
    } else {
      out.print(StatusScreen.of(status));
    }
    out.flush();
    return status.alarms().isEmpty() ? 0 : ALARMS;
  }
}
