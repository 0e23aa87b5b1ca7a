package stream.adasim.learner.settings;

import static org.apache.kafka.common.config.ConfigDef.Importance.HIGH;
import static org.apache.kafka.common.config.ConfigDef.Importance.LOW;
import static org.apache.kafka.common.config.ConfigDef.Importance.MEDIUM;
import static org.apache.kafka.common.config.ConfigDef.Range.atLeast;
import static org.apache.kafka.common.config.ConfigDef.Range.between;
import static org.apache.kafka.common.config.ConfigDef.Type.BOOLEAN;
import static org.apache.kafka.common.config.ConfigDef.Type.DOUBLE;
import static org.apache.kafka.common.config.ConfigDef.Type.INT;
import static org.apache.kafka.common.config.ConfigDef.Type.LONG;
import static org.apache.kafka.common.config.ConfigDef.Type.STRING;

import java.time.Duration;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Precision;
import stream.adasim.learner.network.Architecture;
import stream.adasim.learner.objective.Objective;
import stream.adasim.learner.objective.ObjectiveSettings;
import stream.adasim.schemas.settings.Durations;

/** The keys of {@link LearnerConfig}, with defaults, ranges and documentation. */
final class LearnerKeys {
  private LearnerKeys() {}

  /** Adds them to a definition. */
  static ConfigDef define(ConfigDef definition) {
    return definition
        .define(
            "learner.id", STRING, "learner", MEDIUM, "Key of this learner in training-progress.")
        .define(
            "learner.roles",
            STRING,
            "both",
            ValidString.in("both", "embed", "train"),
            HIGH,
            "What this learner does: embed arrivals, train (one at a time does), or both.")
        .define("seed", LONG, 1L, MEDIUM, "Seed of every random choice.")
        .define(
            "compute.backend",
            STRING,
            "auto",
            ValidString.in(Backends.NAMES.toArray(String[]::new)),
            MEDIUM,
            "What runs the arithmetic: onednn, nd4j (the reference), or auto for the fastest that"
                + " runs here.")
        .define(
            "compute.threads",
            INT,
            0,
            atLeast(0),
            MEDIUM,
            "Threads of the arithmetic; 0 takes all processors.")
        .define(
            "compute.precision",
            STRING,
            "auto",
            ValidString.in(Precision.NAMES.toArray(String[]::new)),
            MEDIUM,
            "What linear layers, attention and convolutions multiply in, by onednn: fp32, bf16, or"
                + " auto for bf16 where the processor has instructions for it.")
        .define(
            "model.network",
            STRING,
            "micro",
            ValidString.in(Architecture.NAMES.toArray(String[]::new)),
            HIGH,
            "The backbone: vision transformers of four sizes, or a residual network. Whatever is"
                + " changed of model.*, the checkpoint folder must be a new one.")
        .define(
            "model.image-size",
            INT,
            32,
            between(8, 1024),
            HIGH,
            "Side of the square views in pixels; with patches a multiple of their size.")
        .define(
            "model.patch-size",
            INT,
            8,
            between(1, 64),
            HIGH,
            "Side of a patch in pixels; residual networks have none.")
        .define(
            "model.registers",
            INT,
            0,
            between(0, 64),
            MEDIUM,
            "Register tokens of a vision transformer.")
        .define(
            "model.stem",
            STRING,
            "cifar",
            ValidString.in("cifar", "imagenet"),
            MEDIUM,
            "How a residual network begins: 3 x 3 at full resolution, or 7 x 7 and a pool, at a"
                + " quarter.")
        .define(
            "model.prototypes",
            INT,
            1024,
            between(2, 1 << 20),
            MEDIUM,
            "K: outputs of DINO's head that teacher and student agree on; other objectives have"
                + " none.")
        .define(
            "train.objective",
            STRING,
            "dino",
            ValidString.in(Objective.NAMES.toArray(String[]::new)),
            HIGH,
            "What is learnt from two views of an image, or of an image and its partner. Brings a head"
                + " and defaults of its own for what is not set: see Objectives. When it is changed,"
                + " the checkpoint folder must be a new one.")
        .define("train.batch-size", INT, 64, between(2, 4096), HIGH, "Images per training step.")
        .define(
            "train.learning-rate",
            DOUBLE,
            0.0005,
            between(0.0, 1.0),
            HIGH,
            "Learning rate after the warm-up; constant from then on. This is DINO's default, other"
                + " objectives have their own.")
        .define(
            "train.warmup-steps",
            INT,
            200,
            atLeast(0),
            MEDIUM,
            "Steps over which the learning rate rises from 0.")
        .define(
            "train.weight-decay",
            DOUBLE,
            0.04,
            between(0.0, 1.0),
            MEDIUM,
            "AdamW's weight decay; DINO's default.")
        .define(
            "train.momentum",
            DOUBLE,
            0.99,
            between(0.0, 1.0),
            MEDIUM,
            "Of the teacher's moving average; constant, for the stream has no end. SimSiam, SimCLR and"
                + " NNCLR have no teacher.")
        .define(
            "train.contrast-temperature",
            DOUBLE,
            0.2,
            between(0.001, 10.0),
            MEDIUM,
            "Of the loss of mocov3, simclr and nnclr; MoCo-v3's default, the others have their own.")
        .define(
            "train.queue",
            INT,
            ObjectiveSettings.QUEUE,
            between(1, 1 << 20),
            MEDIUM,
            "Projections of earlier images that NNCLR looks for neighbours in.")
        .define(
            "train.teacher-temperature",
            DOUBLE,
            0.04,
            between(0.001, 1.0),
            MEDIUM,
            "Sharpening of the output of DINO's teacher; at 1 there is none.")
        .define(
            "train.centre-momentum",
            DOUBLE,
            0.9,
            between(0.0, 1.0),
            LOW,
            "Of the centre that is taken off the output of DINO's teacher; 1 leaves it at 0, that is"
                + " without centring, to see a collapse.")
        .define(
            "train.drop-path",
            DOUBLE,
            0.0,
            between(0.0, 0.9),
            MEDIUM,
            "Stochastic depth of a vision transformer: how often its last block's branches are left"
                + " out of an image by the student.")
        .define(
            "train.local-views",
            INT,
            0,
            between(0, 16),
            MEDIUM,
            "Small crops of an image, which DINO's student alone sees beside the two views; DINO's"
                + " multi-crop has 8, each costs about a quarter of a view.")
        .define(
            "train.local-size",
            INT,
            0,
            between(0, 1024),
            LOW,
            "Side of these crops in pixels; 0 for half of model.image-size.")
        .define(
            "train.freeze-last-layer-steps",
            INT,
            100,
            atLeast(0),
            LOW,
            "Steps in which DINO's prototypes stay as they were initialised.")
        .define(
            "train.partner",
            STRING,
            "adasim",
            ValidString.in("self", "nearest", "adasim", "adasim-no-gate", "random", "oracle"),
            HIGH,
            "Whose view the second view is: the image itself (plain self-distillation), its nearest"
                + " neighbour (naive), or a neighbour where the latent space is reliable (AdaSim). For"
                + " comparison: AdaSim without its gate, any other image, or one of the same label"
                + " (oracle, for evaluation alone).")
        .define(
            "train.temperature",
            DOUBLE,
            0.01,
            between(0.0, 10.0),
            HIGH,
            "Of AdaSim's choice among the candidates: 0 is plain self-distillation, a large value"
                + " chooses evenly.")
        .define(
            "train.temperature-mode",
            STRING,
            "fixed",
            ValidString.in("fixed", "scheduled", "cosine", "adaptive"),
            MEDIUM,
            "Whether the temperature stays, goes to `train.temperature-end` in a line (scheduled) or"
                + " along half a cosine, or follows the quality of the latent space up to a share of"
                + " `train.bootstrap-most` images with another's view.")
        .define(
            "train.temperature-end",
            DOUBLE,
            0.01,
            between(0.0, 10.0),
            LOW,
            "Where a scheduled temperature ends.")
        .define(
            "train.temperature-steps",
            LONG,
            10000L,
            atLeast(0),
            LOW,
            "Steps that a scheduled temperature takes from its start to its end.")
        .define(
            "train.bootstrap-most",
            DOUBLE,
            0.5,
            between(0.0, 1.0),
            LOW,
            "Share of images that an adaptive temperature lets have another image's view at most.")
        .define(
            "train.usage-penalty",
            DOUBLE,
            0.0,
            between(0.0, 100.0),
            LOW,
            "How much less likely an image that often was a partner becomes one again: its logit falls"
                + " by so many times log(1 + its uses / the mean).")
        .define(
            "train.reciprocal",
            BOOLEAN,
            false,
            LOW,
            "Whether a partner must name the image among its own neighbours.")
        .define(
            "train.hub-correction",
            BOOLEAN,
            false,
            LOW,
            "Whether partners are drawn by 2 s - r - r' instead of the similarity s, r and r' the mean"
                + " similarities of both to their own neighbours.")
        .define(
            "train.most-uses",
            INT,
            0,
            atLeast(0),
            LOW,
            "How often an image may be a partner within one pass; 0 for no limit.")
        .define(
            "train.gate",
            STRING,
            "mutual",
            ValidString.in("self", "mutual"),
            MEDIUM,
            "When AdaSim lets an image have another's view: where the image comes first in its own"
                + " votes (self, as published), or where besides its nearest other candidate names it"
                + " in turn (mutual).")
        .define(
            "train.min-votes",
            INT,
            3,
            between(1, 255),
            MEDIUM,
            "Votes that an image must have before AdaSim's gate can open.")
        .define(
            "train.votes",
            STRING,
            "weak",
            ValidString.in("faithful", "clean", "weak"),
            MEDIUM,
            "Views that feed the memory and the votes: the training view (faithful), the clean"
                + " view, or a weakly augmented query against clean memory (weak).")
        .define(
            "train.query-area",
            DOUBLE,
            0.7,
            between(0.01, 1),
            LOW,
            "Share of the image that the smallest weakly augmented query takes: the less, the harder"
                + " it is for an image to find itself, and the more AdaSim's gate asks of it.")
        .define(
            "window.images", INT, 16384, atLeast(2), HIGH, "Images in the replay window at most.")
        .define(
            "window.policy",
            STRING,
            "fifo",
            ValidString.in("fifo", "reservoir", "minred"),
            MEDIUM,
            "Who leaves a full window: the oldest arrival, whoever keeps it an even sample of all that"
                + " came, or the image most similar to its nearest other (for streams whose images"
                + " resemble those just before).")
        .define(
            "window.bytes",
            LONG,
            268435456L,
            atLeast(1L << 20),
            HIGH,
            "Encoded bytes in the replay window at most.")
        .define(
            "window.decoded-bytes",
            LONG,
            67108864L,
            atLeast(0),
            MEDIUM,
            "Bytes of decoded pixels kept beside them at most, three per pixel: what is kept is not"
                + " decoded at each visit.")
        .define(
            "checkpoint.folder", STRING, "data/checkpoints", HIGH, "Where checkpoints are kept.")
        .define(
            "checkpoint.every",
            STRING,
            "60s",
            Durations.atLeast(Duration.ofMillis(100)),
            MEDIUM,
            "Time between checkpoints.")
        .define("checkpoint.keep", INT, 3, between(1, 100), LOW, "Checkpoints kept.")
        .define(
            "models.publish-every",
            STRING,
            "20s",
            Durations.atLeast(Duration.ofMillis(100)),
            MEDIUM,
            "Time between snapshots on models.")
        .define(
            "progress.every",
            STRING,
            "2s",
            Durations.atLeast(Duration.ofMillis(100)),
            LOW,
            "Time between records on training-progress.")
        .define(
            "embed.batch-size", INT, 64, between(1, 4096), MEDIUM, "Arrivals embedded together.")
        .define(
            "sweep.drift",
            DOUBLE,
            0.05,
            between(0.0, 2.0),
            MEDIUM,
            "Mean cosine distance that the model may move before all images are embedded again.")
        .define(
            "sweep.rate",
            DOUBLE,
            50.0,
            between(0.1, 1e6),
            MEDIUM,
            "Images embedded again per second at most; new arrivals always go first.")
        .define(
            "health.actions",
            STRING,
            "on",
            ValidString.in("on", "off"),
            MEDIUM,
            "Whether an alarm of training-progress leads to actions: partners off, then a sharper"
                + " teacher and half the learning rate, then back to the last healthy checkpoint.")
        .define(
            "decode.max-pixels",
            LONG,
            50000000L,
            between(1L, 715827879L),
            MEDIUM,
            "Images whose header claims more pixels are dead-lettered undecoded.");
  }
}
