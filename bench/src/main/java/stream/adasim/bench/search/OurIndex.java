package stream.adasim.bench.search;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import stream.adasim.compute.Backends;
import stream.adasim.compute.Kernels;
import stream.adasim.indexer.memory.Bank;
import stream.adasim.indexer.memory.BankStore;
import stream.adasim.indexer.memory.Memory;
import stream.adasim.indexer.memory.Neighbour;
import stream.adasim.indexer.memory.Query;

/** The indexer's memory, through its store, as the stream writes and searches it. */
final class OurIndex implements Index {
  private static final long MODEL = 1;
  private static final Memory.Origin ORIGIN = new Memory.Origin("", null, Instant.EPOCH);

  private final Kernels kernels;
  private final Bank bank;
  private final BankStore store;
  private long sequence;

  /**
   * @param recall what memory.recall is set to
   */
  OurIndex(VectorStream vectors, int threads, double recall) {
    this.kernels = Backends.open("auto", threads);
    this.bank = new Bank(kernels, vectors.rows(), recall);
    this.store = new BankStore("bank", bank);
    store.open(0);
    bank.restored(0);
    for (int image = 0; image < vectors.rows(); image++) {
      put(image, vectors.first(image));
    }
  }

  private void put(int image, float[] vector) {
    Memory memory = new Memory(image, MODEL, sequence++, 1, ORIGIN, vector);
    store.put(Bytes.wrap(Integer.toString(image).getBytes(UTF_8)), memory.encode());
  }

  @Override
  public String describe() {
    return kernels.describe();
  }

  @Override
  public void effort(int effort) {
    // It is exact, or keeps its recall by itself.
  }

  @Override
  public int[][] search(List<Integer> images, List<float[]> vectors, int k) {
    List<Query> queries = new ArrayList<>(vectors.size());
    for (int i = 0; i < vectors.size(); i++) {
      queries.add(new Query(vectors.get(i), null, images.get(i).toString()));
    }
    List<List<Neighbour>> found = bank.search(MODEL, queries, k);
    return found.stream()
        .map(each -> each.stream().mapToInt(n -> (int) n.fingerprint()).toArray())
        .toArray(int[][]::new);
  }

  @Override
  public boolean learnsFromSearches() {
    return true;
  }

  @Override
  public void replace(List<Integer> images, List<float[]> vectors) {
    for (int i = 0; i < images.size(); i++) {
      put(images.get(i), vectors.get(i));
    }
  }

  @Override
  public void refresh() {
    // A vector is found as soon as it is stored.
  }

  @Override
  public void close() {
    kernels.close();
  }
}
