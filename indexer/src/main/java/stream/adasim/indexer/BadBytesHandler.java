package stream.adasim.indexer;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;

/**
 * Dead-letters records that cannot be decoded, with their coordinates and the reason in headers;
 * whatever else reading one throws, such as a registry that doesn't answer, stops the service.
 * Public because Kafka Streams makes it from its class.
 */
public final class BadBytesHandler extends LogAndContinueExceptionHandler {
  private Counters counters = new Counters();

  @Override
  public void configure(Map<String, ?> configs) {
    super.configure(configs);
    counters = Counters.of(configs);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> record, Exception exception) {
    if (!(exception instanceof SerializationException)) {
      return Response.fail();
    }
    // The processor never sees it, so it is counted as read here.
    counters.read();
    counters.deadLettered();
    return super.handleError(context, record, exception);
  }
}
