package stream.adasim.learner.adasim;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import stream.adasim.avro.Neighbourhood;
import stream.adasim.learner.window.WindowImage;

/**
 * The newest neighbourhood of every image in the replay window, of one model. Whoever owns the
 * window must {@link #forget} what leaves it. Not thread-safe.
 */
public final class Neighbours {
  private final String modelId;
  private final Function<String, @Nullable WindowImage> window;
  private final Map<String, Votes> votes = new HashMap<>();

  /**
   * @param modelId the model in training: votes of other models are ignored
   * @param window finds an image of the window by id
   */
  public Neighbours(String modelId, Function<String, @Nullable WindowImage> window) {
    this.modelId = modelId;
    this.window = window;
  }

  /**
   * Takes a record of the neighbours topic.
   *
   * @param neighbourhood null deletes
   * @return whether it was kept (or deleted something): it is of this model, its image is in the
   *     window, and it isn't older, by visit number, than what is held
   * @throws IllegalArgumentException where a similarity is not finite
   */
  public boolean put(String id, @Nullable Neighbourhood neighbourhood) {
    if (neighbourhood == null) {
      return votes.remove(id) != null;
    }
    var image = window.apply(id);
    if (image == null || !neighbourhood.getModelId().equals(modelId)) {
      return false;
    }
    var held = votes.get(id);
    if (held != null && held.visit > neighbourhood.getVisit()) {
      return false;
    }
    votes.put(image.id(), Votes.of(id, neighbourhood, this::intern));
    return true;
  }

  // Most candidates are in the window: their ids are there already, once.
  private String intern(String id) {
    var image = window.apply(id);
    return image == null ? id : image.id();
  }

  /** The newest votes, or null where there are none. They may be of content that was replaced. */
  public @Nullable Votes get(String id) {
    return votes.get(id);
  }

  /** Drops an image that left the window. */
  public void forget(String id) {
    votes.remove(id);
  }

  /** Images with votes. */
  public int size() {
    return votes.size();
  }
}
