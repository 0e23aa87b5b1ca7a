package stream.adasim.http;

import io.helidon.http.HeaderNames;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;

/**
 * The numbers of one service, those of its JVM included, as OpenMetrics where the reader asks for
 * it, else in Prometheus' text format.
 */
public final class Metrics implements AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics collector = new JvmGcMetrics();

  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collector.bindTo(registry);
  }

  public MeterRegistry registry() {
    return registry;
  }

  public Route route() {
    return Route.get(
        "/metrics",
        (request, response) -> {
          boolean open =
              request
                  .headers()
                  .value(HeaderNames.ACCEPT)
                  .filter(accepted -> accepted.contains("application/openmetrics-text"))
                  .isPresent();
          String format = open ? OPEN_METRICS : TEXT;
          Body.send(response, format, registry.scrape(format).getBytes(StandardCharsets.UTF_8));
        });
  }

  @Override
  public void close() {
    collector.close();
    registry.close();
  }
}
