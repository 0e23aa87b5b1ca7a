package stream.adasim.ingest.source;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Files that appear or change in folders and in their new sub-folders, from the moment it is
 * opened.
 *
 * <p>A file counts as complete once its size and its modification time have stayed the same for the
 * settling time and it isn't empty. A file that goes away is forgotten; its image stays. Not
 * thread-safe.
 */
public final class FolderWatch implements AutoCloseable {
  private final WatchService service;
  private final InstantSource clock;
  private final Duration settle;
  private final Map<WatchKey, Watched> watched = new HashMap<>();
  private final Map<Path, State> known = new HashMap<>();
  private final Map<Path, Sighting> unsettled = new LinkedHashMap<>();
  private final Queue<Item> ready = new ArrayDeque<>();
  private final Queue<Sighting> complete = new ArrayDeque<>();

  /** A folder below a source's root. */
  private record Watched(Folder source, Path folder) {}

  /** What changes while a file is being written. */
  private record State(long size, FileTime modified) {}

  /** A file, and since when it has looked like this. */
  private record Sighting(Folder source, Path file, State state, Instant since) {}

  private FolderWatch(WatchService service, InstantSource clock, Duration settle) {
    this.service = service;
    this.clock = clock;
    this.settle = settle;
  }

  /**
   * Starts to watch; what the folders hold already is taken as known.
   *
   * @throws SourceException if the system grants no more watches
   */
  public static FolderWatch open(List<Folder> folders, InstantSource clock, Duration settle) {
    try {
      var watch = new FolderWatch(FileSystems.getDefault().newWatchService(), clock, settle);
      for (Folder folder : folders) {
        watch.register(folder, folder.root());
        for (Path file : folder.list(folder.root()).files()) {
          watch.state(file).ifPresent(state -> watch.known.put(file, state));
        }
      }
      return watch;
    } catch (IOException e) {
      throw new SourceException("--watch: " + noWatch(e));
    }
  }

  /**
   * The next complete file.
   *
   * @param wait how long to wait for one at most
   * @return null if none became complete in that time
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public @Nullable Item poll(Duration wait) throws InterruptedException {
    Item early = take();
    if (early != null) {
      return early;
    }
    WatchKey key = service.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    while (key != null) {
      handle(key);
      key = service.poll();
    }
    settle();
    return take();
  }

  private @Nullable Item take() {
    Item item = ready.poll();
    Sighting file = item == null ? complete.poll() : null;
    return file == null ? item : file.source.read(file.file);
  }

  private void handle(WatchKey key) {
    Watched place = watched.get(key);
    List<WatchEvent<?>> events = key.pollEvents();
    if (!key.reset()) {
      watched.remove(key);
    }
    if (place == null) {
      return;
    }
    for (WatchEvent<?> event : events) {
      if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
        // Events were lost (Java keeps 512 for each folder): look at everything again.
        sightAll(place.source, place.folder);
      } else if (event.context() instanceof Path name) {
        sight(place.source, place.folder.resolve(name));
      }
    }
  }

  private void sight(Folder source, Path path) {
    if (source.entryName(path).hidden()) {
      return;
    }
    if (Files.isDirectory(path)) {
      sightAll(source, path);
    } else {
      state(path)
          .ifPresent(
              state -> {
                Sighting before = unsettled.get(path);
                if (before == null || !before.state.equals(state)) {
                  unsettled.put(path, new Sighting(source, path, state, clock.instant()));
                }
              });
    }
  }

  /** Registers before it lists, so that a file falls into one of the two at least. */
  private void sightAll(Folder source, Path folder) {
    try {
      register(source, folder);
    } catch (IOException e) {
      ready.add(new Unreadable(source.name() + "/" + source.entryName(folder).path(), noWatch(e)));
    }
    source.list(folder).files().forEach(file -> sight(source, file));
  }

  private void register(Folder source, Path below) throws IOException {
    for (Path folder : source.list(below).folders()) {
      WatchKey key =
          folder.register(
              service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
      watched.put(key, new Watched(source, folder));
    }
  }

  /** Moves on what has looked the same for long enough. */
  private void settle() {
    Instant now = clock.instant();
    for (Sighting seen : new ArrayList<>(unsettled.values())) {
      if (seen.since.plus(settle).isAfter(now)) {
        continue;
      }
      Optional<State> state = state(seen.file);
      if (state.isEmpty()) {
        unsettled.remove(seen.file);
        known.remove(seen.file);
      } else if (!state.get().equals(seen.state)) {
        unsettled.put(seen.file, new Sighting(seen.source, seen.file, state.get(), now));
      } else if (seen.state.size > 0) {
        unsettled.remove(seen.file);
        if (!seen.state.equals(known.put(seen.file, seen.state))) {
          complete.add(seen);
        }
      }
    }
  }

  /** Empty if the file is gone or may not be looked at, which its reader would have said. */
  private Optional<State> state(Path file) {
    try {
      var attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new State(attributes.size(), attributes.lastModifiedTime()));
    } catch (IOException _) {
      return Optional.empty();
    }
  }

  private static String noWatch(IOException e) {
    return "cannot be watched: " + e.getMessage() + " (see fs.inotify.max_user_watches)";
  }

  @Override
  public void close() {
    try {
      service.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
