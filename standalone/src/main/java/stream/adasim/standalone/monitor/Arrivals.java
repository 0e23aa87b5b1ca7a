package stream.adasim.standalone.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;

/** A rate over the last ten seconds, from a count that only grows. Not thread-safe. */
final class Arrivals {
  private static final Duration SPAN = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(500);

  private record Mark(Instant at, long count) {}

  private final ArrayDeque<Mark> marks = new ArrayDeque<>();

  Arrivals(Instant start) {
    marks.add(new Mark(start, 0));
  }

  /** Notes the count of now and returns the growth per second over the last ten seconds or less. */
  double perSecond(Instant now, long count) {
    // The oldest mark kept is the youngest one that is at least as old as the span.
    while (marks.size() > 1 && !secondMark().at().isAfter(now.minus(SPAN))) {
      marks.removeFirst();
    }
    Mark oldest = marks.getFirst();
    if (!marks.getLast().at().plus(STEP).isAfter(now)) {
      marks.addLast(new Mark(now, count));
    }
    double seconds = Duration.between(oldest.at(), now).toMillis() / 1000.0;
    return seconds > 0 ? (count - oldest.count()) / seconds : 0;
  }

  private Mark secondMark() {
    var marksInOrder = marks.iterator();
    marksInOrder.next();
    return marksInOrder.next();
  }
}
