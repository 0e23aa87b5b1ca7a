package stream.adasim.indexer;

import java.util.Map;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Dead-letters records whose content cannot be used, with their coordinates and the reason in
 * headers; every other failure stops the service. Public because Kafka Streams makes it from its
 * class.
 */
public final class BadRecordHandler extends LogAndContinueProcessingExceptionHandler {
  private Counters counters = new Counters();

  @Override
  public void configure(Map<String, ?> configs) {
    super.configure(configs);
    counters = Counters.of(configs);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    if (!(exception instanceof BadRecordException)) {
      return Response.fail();
    }
    counters.deadLettered();
    return super.handleError(context, record, exception);
  }
}
