package stream.adasim.learner.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.TrainingProgress;
import stream.adasim.http.HttpConfig;
import stream.adasim.learner.settings.LearnerConfig;
import stream.adasim.schemas.settings.Settings;

class LearnerServerTest {
  private static final Instant START = Instant.parse("2026-11-28T06:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final AtomicReference<Optional<String>> dead = new AtomicReference<>(Optional.empty());
  private final HttpClient client = HttpClient.newHttpClient();
  private final LearnerServer server =
      new LearnerServer(
          HttpConfig.from(
              Settings.load(LearnerConfig.definition(), null, Map.of(), Map.of("http.port", "0")),
              LearnerServer.DEFAULT_PORT),
          dead::get,
          Optional::empty,
          now::get);

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.url().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static TrainingProgress progress() {
    return TrainingProgress.newBuilder()
        .setAt(START)
        .setModelId("model")
        .setModelVersion(7)
        .setStep(1234)
        .setVisits(64 * 1234)
        .setPasses(3)
        .setLoss(5.5)
        .setTeacherEntropy(2.5)
        .setBatchEntropy(6.25)
        .setMaxEntropy(7)
        .setGateRate(0.5)
        .setBootstrappedShare(0.25)
        .setSelfRankOne(0.9)
        .setTemperature(0.0125)
        .setFeatureStd(0.75)
        .setLearningRate(1e-3)
        .setWeightDecay(0.04)
        .setMomentum(0.99)
        .setGradientNorm(1)
        .setImagesPerSecond(450)
        .setWaitShare(0.1)
        .setWindowImages(4000)
        .setWindowBytes(1_000_000)
        .build();
  }

  @Test
  void showsHowTrainingGoesWhileItDoes() throws Exception {
    LearnerMetrics metrics = server.metrics();
    assertThat(get("/metrics").body())
        .contains("adasim_learner_training_active 0", "adasim_learner_loss_nats NaN")
        .contains("adasim_learner_checkpoint_age_seconds NaN");

    metrics.trainingBegan();
    metrics.progress(progress());
    now.set(START.plusSeconds(90));
    String text = get("/metrics").body();
    assertThat(text)
        .contains(
            "adasim_learner_training_active 1",
            "adasim_learner_step 1234",
            "adasim_learner_loss_nats 5.5",
            "adasim_learner_entropy_teacher_nats 2.5",
            "adasim_learner_entropy_batch_nats 6.25",
            "adasim_learner_entropy_max_nats 7",
            "adasim_learner_feature_spread 0.75",
            "adasim_learner_gate_open_ratio 0.5",
            "adasim_learner_bootstrapped_ratio 0.25",
            "adasim_learner_temperature 0.0125",
            "adasim_learner_model_version 7",
            "adasim_learner_window_images 4000",
            "adasim_learner_window_bytes 1000000",
            "adasim_learner_images_per_second 450",
            "adasim_learner_checkpoint_age_seconds 90");
    metrics.checkpointed();
    assertThat(get("/metrics").body()).contains("adasim_learner_checkpoint_age_seconds 0.0");

    metrics.trainingEnded();
    assertThat(get("/metrics").body())
        .contains("adasim_learner_training_active 0", "adasim_learner_loss_nats NaN");
  }

  @Test
  void countsEveryArrivalOnceAndMeasuresItsFreshness() throws Exception {
    LearnerMetrics metrics = server.metrics();
    metrics.embedded(START.minus(Duration.ofMillis(300)));
    metrics.embedded(START.plusSeconds(5)); // a camera whose clock is ahead
    metrics.deadLettered();
    metrics.deleted();
    metrics.swept(16);
    assertThat(get("/metrics").body())
        .contains("adasim_learner_arrivals_total{outcome=\"embedded\"} 2")
        .contains("adasim_learner_arrivals_total{outcome=\"dead-lettered\"} 1")
        .contains("adasim_learner_arrivals_total{outcome=\"deleted\"} 1")
        .contains("adasim_learner_images_swept_total 16")
        .contains("adasim_learner_freshness_seconds_bucket{le=\"0.25\"} 1")
        .contains("adasim_learner_freshness_seconds_bucket{le=\"0.5\"} 2")
        .contains("adasim_learner_freshness_seconds_sum 0.3");
  }

  @Test
  void showsTheNumbersOfKafkasClients() throws Exception {
    try (var consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", "127.0.0.1:1"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      try (var _ = server.metrics().client(consumer)) {
        assertThat(get("/metrics").body()).contains("kafka_consumer_");
      }
    }
  }

  @Test
  void livesUntilAPartOfItFails() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    assertThat(get("/health/ready").statusCode()).isEqualTo(200);
    dead.set(Optional.of("disk full"));
    assertThat(get("/health/live").statusCode()).isEqualTo(503);
    assertThat(get("/health/live").body()).contains("disk full");
  }
}
