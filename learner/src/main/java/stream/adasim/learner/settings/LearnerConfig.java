package stream.adasim.learner.settings;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.config.ConfigDef;
import stream.adasim.compute.Precision;
import stream.adasim.http.HttpConfig;
import stream.adasim.learner.adasim.Diversity;
import stream.adasim.learner.adasim.Gate;
import stream.adasim.learner.adasim.PartnerPolicy;
import stream.adasim.learner.adasim.Temperature;
import stream.adasim.learner.adasim.TemperatureMode;
import stream.adasim.learner.decode.DecodeLimits;
import stream.adasim.learner.monitoring.LearnerServer;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.network.ResNetShape;
import stream.adasim.learner.network.ResNetShape.Stem;
import stream.adasim.learner.network.VitShape;
import stream.adasim.learner.objective.LocalViews;
import stream.adasim.learner.objective.Objective;
import stream.adasim.learner.window.ReplayPolicy;
import stream.adasim.schemas.settings.Connection;
import stream.adasim.schemas.settings.Settings;
import stream.adasim.schemas.settings.SettingsException;

/** Everything that can be set on a learner. */
public record LearnerConfig(
    Connection connection,
    String learnerId,
    Roles roles,
    long seed,
    String backend,
    int threads,
    Precision precision,
    Architecture architecture,
    Training training,
    Window window,
    Saving saving,
    Embedding embedding,
    boolean healthActions,
    long maxPixels) {

  /**
   * How the trainer trains. Schedules count optimiser steps.
   *
   * @param contrastTemperature of the contrastive objectives' loss; for others what they have
   * @param queue projections that NNCLR keeps
   * @param queryArea share of the area that the smallest weak query takes
   */
  public record Training(
      Objective objective,
      double contrastTemperature,
      int queue,
      int batchSize,
      double learningRate,
      int warmupSteps,
      double weightDecay,
      double momentum,
      double teacherTemperature,
      double centreMomentum,
      double dropPath,
      LocalViews localViews,
      int freezeLastLayerSteps,
      PartnerPolicy partner,
      Temperature.Settings temperatures,
      int minVotes,
      Gate gate,
      Diversity diversity,
      VoteViews votes,
      double queryArea) {}

  /** Bounds of the replay window, and who leaves when it is full. */
  public record Window(int images, long bytes, long decodedBytes, ReplayPolicy policy) {}

  /** Checkpoints and snapshots. */
  public record Saving(
      Path folder, Duration every, int keep, Duration publishEvery, Duration progressEvery) {}

  /** How the embedder embeds and when it embeds again. */
  public record Embedding(int batchSize, double drift, double sweepRate) {}

  /** All keys with defaults, ranges and documentation. */
  public static ConfigDef definition() {
    return HttpConfig.define(
        LearnerKeys.define(Connection.define(new ConfigDef())), LearnerServer.DEFAULT_PORT);
  }

  /**
   * Reads the record from checked settings.
   *
   * @throws SettingsException if values that are fine alone do not fit together
   */
  public static LearnerConfig from(Settings settings) {
    Objective objective = Objective.of(settings.string("train.objective"));
    Objective.Defaults defaults = objective.defaults();
    Architecture architecture = architecture(settings, objective);
    return new LearnerConfig(
        Connection.from(settings),
        settings.string("learner.id"),
        Roles.valueOf(upper(settings.string("learner.roles"))),
        settings.longValue("seed"),
        settings.string("compute.backend"),
        settings.integer("compute.threads"),
        Precision.of(settings.string("compute.precision")),
        architecture,
        new Training(
            objective,
            objective.contrasts()
                ? given(settings, "train.contrast-temperature", defaults.temperature())
                : defaults.temperature(),
            settings.integer("train.queue"),
            settings.integer("train.batch-size"),
            given(settings, "train.learning-rate", defaults.learningRate()),
            settings.integer("train.warmup-steps"),
            given(settings, "train.weight-decay", defaults.weightDecay()),
            given(settings, "train.momentum", defaults.momentum()),
            settings.real("train.teacher-temperature"),
            settings.real("train.centre-momentum"),
            settings.real("train.drop-path"),
            localViews(settings, architecture, objective),
            settings.integer("train.freeze-last-layer-steps"),
            PartnerPolicy.valueOf(upper(settings.string("train.partner"))),
            new Temperature.Settings(
                TemperatureMode.valueOf(upper(settings.string("train.temperature-mode"))),
                settings.real("train.temperature"),
                settings.real("train.temperature-end"),
                settings.longValue("train.temperature-steps"),
                settings.real("train.bootstrap-most")),
            settings.integer("train.min-votes"),
            Gate.valueOf(upper(settings.string("train.gate"))),
            new Diversity(
                settings.real("train.usage-penalty"),
                settings.bool("train.reciprocal"),
                settings.bool("train.hub-correction"),
                settings.integer("train.most-uses")),
            VoteViews.valueOf(upper(settings.string("train.votes"))),
            settings.real("train.query-area")),
        new Window(
            settings.integer("window.images"),
            settings.longValue("window.bytes"),
            settings.longValue("window.decoded-bytes"),
            ReplayPolicy.valueOf(upper(settings.string("window.policy")))),
        new Saving(
            settings.path("checkpoint.folder"),
            settings.duration("checkpoint.every"),
            settings.integer("checkpoint.keep"),
            settings.duration("models.publish-every"),
            settings.duration("progress.every")),
        new Embedding(
            settings.integer("embed.batch-size"),
            settings.real("sweep.drift"),
            settings.real("sweep.rate")),
        settings.string("health.actions").equals("on"),
        settings.longValue("decode.max-pixels"));
  }

  /** What the user said, else what the objective's default is. */
  private static double given(Settings settings, String key, double otherwise) {
    return settings.given(key) ? settings.real(key) : otherwise;
  }

  private static Architecture architecture(Settings settings, Objective objective) {
    Architecture architecture;
    try {
      architecture =
          Architecture.named(
              settings.string("model.network"),
              settings.integer("model.image-size"),
              settings.integer("model.patch-size"),
              settings.integer("model.registers"),
              Stem.valueOf(upper(settings.string("model.stem"))),
              settings.integer("model.prototypes"));
      architecture = objective.headed(architecture);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(List.of("model.*: " + e.getMessage()));
    }
    double dropPath = settings.real("train.drop-path");
    if (dropPath > 0 && architecture.backbone() instanceof ResNetShape) {
      throw new SettingsException(
          List.of(
              "train.drop-path="
                  + dropPath
                  + " must be 0 with model.network="
                  + settings.string("model.network")
                  + ": stochastic depth is for vision transformers"));
    }
    return architecture;
  }

  private static LocalViews localViews(
      Settings settings, Architecture architecture, Objective objective) {
    int count = settings.integer("train.local-views");
    if (count == 0) {
      return LocalViews.NONE;
    }
    if (objective != Objective.DINO) {
      throw new SettingsException(
          List.of(
              "train.local-views="
                  + count
                  + " must be 0 with train.objective="
                  + objective.setting()
                  + ": local views are DINO's"));
    }
    int whole = architecture.imageSize();
    int patch = architecture.backbone() instanceof VitShape vit ? vit.patchSize() : 1;
    int given = settings.integer("train.local-size");
    int side = given == 0 ? Math.max(patch, whole / 2 / patch * patch) : given;
    if (side >= whole || side % patch != 0) {
      throw new SettingsException(
          List.of(
              "train.local-size="
                  + side
                  + " must be below model.image-size="
                  + whole
                  + " and a multiple of "
                  + patch
                  + ", the size of a patch"));
    }
    return new LocalViews(count, side);
  }

  /** Limits on what is decoded at all. */
  public DecodeLimits decodeLimits() {
    return new DecodeLimits(maxPixels, connection.imageMaxBytes());
  }

  private static String upper(String value) {
    return value.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
