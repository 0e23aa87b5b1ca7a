package stream.adasim.learner.objective;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import stream.adasim.compute.Kernels;
import stream.adasim.learner.network.Architecture;

/**
 * A lane's part of a step's pairs: one per worker of the backend, or all of them where the backbone
 * couples images.
 *
 * @param first the first pair of the batch that is its own
 * @param pairs how many are
 */
record Share(int first, int pairs) {

  static List<Share> of(Kernels kernels, Architecture architecture, int batch) {
    boolean whole = architecture.backbone().couplesImages();
    int count = whole ? 1 : Math.min(kernels.workers(), batch);
    var shares = new ArrayList<Share>();
    for (int i = 0; i < count; i++) {
      int first = batch * i / count;
      shares.add(new Share(first, batch * (i + 1) / count - first));
    }
    return shares;
  }

  /** Runs all lanes, each on a worker; a single one on all threads, operation by operation. */
  static <L> void run(Kernels kernels, List<L> lanes, Consumer<L> task) {
    if (lanes.size() == 1) {
      task.accept(lanes.getFirst());
    } else {
      kernels.run(lanes.size(), i -> task.accept(lanes.get(i)));
    }
  }
}
