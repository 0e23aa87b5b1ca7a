package stream.adasim.indexer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.Exclusions;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.memory.Query;

/**
 * The questions that wait for one bank, whichever task they belong to, and the search for all of
 * them at once. Not thread-safe: for one stream thread.
 */
final class SearchBatch {
  private static final Logger LOG = LoggerFactory.getLogger(SearchBatch.class);
  private static final Duration RESTORE_PATIENCE = Duration.ofMinutes(2);

  private final Bank bank;
  private final int stores;
  private final MemoryConfig config;
  private final List<Pending> waiting = new ArrayList<>();
  private long since;

  /**
   * @param stores how many stores the whole bank has
   */
  SearchBatch(Bank bank, int stores, MemoryConfig config) {
    this.bank = bank;
    this.stores = stores;
    this.config = config;
  }

  /** A question, and what was found for it once it was searched. */
  static final class Pending {
    private final Ask.Question question;
    private boolean searched;
    private boolean present;
    private List<Neighbour> found = List.of();

    Pending(Ask.Question question) {
      this.question = question;
    }

    Ask.Question question() {
      return question;
    }

    boolean searched() {
      return searched;
    }

    /** Whether the image was in the bank when that was searched. */
    boolean present() {
      return present;
    }

    /** Nearest first; empty before the search. */
    List<Neighbour> found() {
      return found;
    }
  }

  /**
   * @param now milliseconds, of the same clock as {@link #waited}
   */
  void add(Pending pending, long now) {
    if (waiting.isEmpty()) {
      since = now;
    }
    waiting.add(pending);
  }

  /**
   * Whether one has waited for so long. Not whenever the clock ticks: while a search takes longer
   * than that, a tick follows each, and a few that came after it would be all of the next batch.
   */
  boolean waited(Duration longest, long now) {
    return !waiting.isEmpty() && now - since >= longest.toMillis();
  }

  /** Takes back what was not searched. */
  void withdraw(Iterable<Pending> pending) {
    pending.forEach(waiting::remove);
  }

  int size() {
    return waiting.size();
  }

  /** Length of a model's vectors in the bank or among those that wait; 0 where there are none. */
  int dimension(long model) {
    int dimension = bank.dimension(model);
    for (int i = 0; dimension == 0 && i < waiting.size(); i++) {
      Ask.Question question = waiting.get(i).question();
      dimension = question.visit().model() == model ? question.query().length : 0;
    }
    return dimension;
  }

  /** Waits until what is here of the bank is restored. */
  void awaitBank() {
    bank.awaitWhole(RESTORE_PATIENCE);
  }

  /** Searches for all that wait, in the bank as it is now. */
  void search() {
    awaitBank();
    boolean whole = bank.partitions() == stores;
    if (!whole && !waiting.isEmpty()) {
      LOG.warn(
          "visits are stored without a vote: the memory isn't whole here stores={} of={}",
          bank.partitions(),
          stores);
    }
    Map<Long, List<Pending>> byModel = new LinkedHashMap<>();
    for (Pending pending : waiting) {
      pending.searched = true;
      long model = pending.question.visit().model();
      pending.present = whole && bank.contains(pending.question.visit().id());
      // Without shards nobody else would need what was found for an image that casts no vote.
      if (bank.dimension(model) == pending.question.query().length
          && (config.sharded() || pending.present)) {
        byModel.computeIfAbsent(model, m -> new ArrayList<>()).add(pending);
      }
    }
    waiting.clear();
    byModel.forEach(this::search);
  }

  private void search(long model, List<Pending> asked) {
    List<Query> queries = asked.stream().map(pending -> query(pending.question)).toList();
    List<List<Neighbour>> found = bank.search(model, queries, config.topK());
    for (int i = 0; i < asked.size(); i++) {
      asked.get(i).found = found.get(i);
    }
  }

  private Query query(Ask.Question question) {
    Visit visit = question.visit();
    Exclusions exclusions = config.exclusions();
    return new Query(
        question.query(),
        exclusions.of(visit.id(), visit.origin().source(), visit.origin().capturedAt()),
        visit.id());
  }
}
