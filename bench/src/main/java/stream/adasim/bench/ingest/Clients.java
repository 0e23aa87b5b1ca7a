package stream.adasim.bench.ingest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Clients that post images one after the other, each on a connection of its own. */
final class Clients implements AutoCloseable {
  private static final byte[] PNG_MAGIC = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Long> micros = new ArrayList<>();
  private final AtomicLong heldBack = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile boolean stopping;

  /** What happened since it was asked before; latencies in ascending order. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Since(long[] micros, long heldBack, long failed) {}

  Clients(URI service, int clients, int imageBytes) {
    for (int c = 0; c < clients; c++) {
      String name = "client-" + c + "/";
      var _ = threads.submit(() -> post(service, name, imageBytes));
    }
  }

  private Void post(URI service, String name, int imageBytes) throws InterruptedException {
    byte[] image = new byte[imageBytes];
    System.arraycopy(PNG_MAGIC, 0, image, 0, PNG_MAGIC.length);
    for (long i = 0; !stopping; i++) {
      HttpRequest request =
          HttpRequest.newBuilder(service.resolve("/v1/images?id=" + name + i))
              .POST(BodyPublishers.ofByteArray(image))
              .build();
      long start = System.nanoTime();
      try {
        int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        switch (status) {
          case 200 -> add((System.nanoTime() - start) / 1000);
          case 429 -> heldBack.incrementAndGet();
          default -> failed.incrementAndGet();
        }
      } catch (IOException e) {
        failed.incrementAndGet();
      }
    }
    return null;
  }

  private synchronized void add(long latency) {
    micros.add(latency);
  }

  synchronized Since since() {
    long[] taken = micros.stream().mapToLong(Long::longValue).toArray();
    micros.clear();
    Arrays.sort(taken);
    return new Since(taken, heldBack.getAndSet(0), failed.getAndSet(0));
  }

  @Override
  public void close() {
    stopping = true;
    threads.close();
    http.close();
  }
}
