package stream.adasim.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import stream.adasim.avro.Image;

/** Only what a real broker won't do on command; the rest is tested end to end. */
final class SenderTest {
  private final MockProducer<String, Image> producer =
      new MockProducer<>(false, null, new StringSerializer(), (_, _) -> new byte[0]);

  @Test
  void tellsOfAFailureAtTheNextCallWithIdTopicAndReason() {
    var sender = new Sender(producer, "images", 10);
    sender.send("cat/1.png", null);
    producer.errorNext(new TimeoutException("no answer\nin 120 s"));

    assertThatThrownBy(() -> sender.send("cat/2.png", null))
        .isInstanceOf(IngestException.class)
        .hasMessageContaining("cat/1.png")
        .hasMessageContaining("topic images")
        .hasMessageContaining("no answer; in 120 s (TimeoutException)")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void tellsOfAFailureOfTheLastRecordWhenDrained() {
    var sender = new Sender(producer, "images", 10);
    sender.send("cat/1.png", null);
    producer.errorNext(new RecordTooLargeException("too large"));

    assertThatThrownBy(sender::drain)
        .isInstanceOf(IngestException.class)
        .hasMessageContaining("cat/1.png");
  }

  @Test
  void tellsOfAFailureInTheProducerItself() {
    producer.sendException = new TimeoutException("no metadata");

    assertThatThrownBy(() -> new Sender(producer, "images", 10).send("cat/1.png", null))
        .isInstanceOf(IngestException.class)
        .hasMessageContaining("cat/1.png")
        .hasMessageContaining("no metadata");
  }

  @Test
  void waitsWhileTooManyRecordsAreInFlight() {
    var sender = new Sender(producer, "images", 2);
    sender.send("1", null);
    sender.send("2", null);
    var third = CompletableFuture.runAsync(() -> sender.send("3", null));
    await().during(Duration.ofMillis(200)).until(() -> producer.history().size() == 2);

    producer.completeNext();

    await().until(third::isDone);
    assertThat(producer.history()).extracting(r -> r.key()).containsExactly("1", "2", "3");
  }
}
