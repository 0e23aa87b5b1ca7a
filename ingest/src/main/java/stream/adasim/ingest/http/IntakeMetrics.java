package stream.adasim.ingest.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToDoubleFunction;
import stream.adasim.ingest.IngestReport;

/** What becomes of images; every one ends in exactly one counter. */
final class IntakeMetrics {
  private static final String IMAGES = "adasim.ingest.images";
  private static final String IMAGES_HELP =
      "Images by how they came in and what became of them: sent, refused (no image, too large), failed";

  private final Counter sent;
  private final Counter refused;
  private final Counter failed;
  private final Counter deleted;
  private final Counter bytes;

  /**
   * @param folders what the folders and archives of the same process have come to so far; to be
   *     held by the caller, for the meters hold what they read weakly
   */
  IntakeMetrics(MeterRegistry registry, Budget budget, AtomicReference<IngestReport> folders) {
    sent = images(registry, "sent");
    refused = images(registry, "refused");
    failed = images(registry, "failed");
    files(registry, folders, "sent", IngestReport::sent);
    files(registry, folders, "refused", IngestReport::unreadable);
    deleted =
        Counter.builder("adasim.ingest.deletions")
            .description("Images deleted over HTTP")
            .register(registry);
    bytes =
        Counter.builder("adasim.ingest.image")
            .baseUnit("bytes")
            .description("Encoded bytes of the images sent over HTTP")
            .register(registry);
    Gauge.builder("adasim.ingest.requests.active", budget, Budget::requestsUnderWay)
        .description("Requests under way that bring or delete images")
        .register(registry);
    Gauge.builder("adasim.ingest.memory.used", budget, Budget::bytesHeld)
        .baseUnit("bytes")
        .description("Bytes of images that requests under way hold")
        .register(registry);
  }

  private static Counter images(MeterRegistry registry, String outcome) {
    return Counter.builder(IMAGES)
        .description(IMAGES_HELP)
        .tags("via", "http", "outcome", outcome)
        .register(registry);
  }

  private static void files(
      MeterRegistry registry,
      AtomicReference<IngestReport> folders,
      String outcome,
      ToDoubleFunction<IngestReport> number) {
    FunctionCounter.builder(IMAGES, folders, report -> number.applyAsDouble(report.get()))
        .description(IMAGES_HELP)
        .tags("via", "files", "outcome", outcome)
        .register(registry);
  }

  void taken(int imageBytes) {
    sent.increment();
    bytes.increment(imageBytes);
  }

  void refused(int status) {
    (status == 429 || status >= 500 ? failed : refused).increment();
  }

  void deleted() {
    deleted.increment();
  }
}
