package stream.adasim.learner.adasim;

import java.util.List;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.window.WindowImage;

/** Who may be a partner: the images of the replay window as they are for one batch. */
public interface Peers {
  /** The image of this id, or null where the window doesn't hold it. */
  @Nullable WindowImage get(String id);

  /** The newest votes of an image, or null where there are none. */
  @Nullable Votes votes(String id);

  /** All images, always in the same order. */
  List<WindowImage> all();

  /** Those with this label, in that order. */
  List<WindowImage> labelled(String label);
}
