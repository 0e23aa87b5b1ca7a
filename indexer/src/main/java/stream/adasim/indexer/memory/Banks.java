package stream.adasim.indexer.memory;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import stream.adasim.compute.Kernels;

/**
 * The banks of one instance: one per shard of the memory, because a shard must not see what another
 * holds, though both may be here; a single one for all partitions of a memory without shards.
 * Thread-safe.
 */
public final class Banks {
  private final Kernels kernels;
  private final int rows;
  private final boolean sharded;
  private final double recall;
  private final Models models = new Models();
  private final Map<Integer, Bank> banks = new ConcurrentHashMap<>();

  /**
   * @param rows how many vectors one bank holds at most in steady state
   * @param sharded whether every partition of the store has a bank of its own
   * @param recall as a {@link Bank} has it
   */
  public Banks(Kernels kernels, int rows, boolean sharded, double recall) {
    this.kernels = kernels;
    this.rows = rows;
    this.sharded = sharded;
    this.recall = recall;
  }

  /** The bank that a partition of the memory's store belongs to. */
  public Bank of(int partition) {
    return banks.computeIfAbsent(sharded ? partition : 0, shard -> new Bank(kernels, rows, recall));
  }

  /** What is known of the models by name. */
  public Models models() {
    return models;
  }

  /** A partition's store holds its whole state. */
  public void restored(int partition) {
    of(partition).restored(partition);
  }

  /** The least {@link Bank#recall} of those here; empty where none has one. */
  public OptionalDouble recall() {
    return here().stream().map(Bank::recall).flatMapToDouble(OptionalDouble::stream).min();
  }

  /** Those that have a store in this instance, be it a standby's. */
  public List<Bank> here() {
    return banks.values().stream().filter(bank -> bank.partitions() > 0).toList();
  }
}
