package stream.adasim.learner.trainer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import stream.adasim.learner.adasim.Neighbours;
import stream.adasim.learner.adasim.Peers;
import stream.adasim.learner.adasim.Votes;
import stream.adasim.learner.window.ReplayWindow;
import stream.adasim.learner.window.WindowImage;

/** The window as one batch sees it; lists are made once, and only where a policy asks for them. */
final class WindowPeers implements Peers {
  private final ReplayWindow window;
  private final Neighbours neighbours;
  private @Nullable List<WindowImage> all;
  private @Nullable Map<String, List<WindowImage>> byLabel;

  WindowPeers(ReplayWindow window, Neighbours neighbours) {
    this.window = window;
    this.neighbours = neighbours;
  }

  @Override
  public @Nullable WindowImage get(String id) {
    return window.get(id);
  }

  @Override
  public @Nullable Votes votes(String id) {
    return neighbours.get(id);
  }

  @Override
  public List<WindowImage> all() {
    List<WindowImage> images = all;
    if (images == null) {
      images = window.images();
      all = images;
    }
    return images;
  }

  @Override
  public List<WindowImage> labelled(String label) {
    Map<String, List<WindowImage>> labels = byLabel;
    if (labels == null) {
      labels = new HashMap<>();
      for (WindowImage image : all()) {
        if (image.label() != null) {
          labels.computeIfAbsent(image.label(), name -> new ArrayList<>()).add(image);
        }
      }
      byLabel = labels;
    }
    return labels.getOrDefault(label, List.of());
  }
}
