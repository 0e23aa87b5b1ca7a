package stream.adasim.ingest;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import stream.adasim.ingest.source.Folder;
import stream.adasim.ingest.source.Source;
import stream.adasim.ingest.source.SourceException;
import stream.adasim.ingest.source.Sources;
import stream.adasim.ingest.source.Synthetic;

/**
 * What one run sends, and how. Deletions go first, then all sources one after the other, as often
 * as is asked for, then what a watch finds.
 *
 * @param paths folders, archives, IDX files, images
 * @param drawings synthetic images, sent after the paths
 * @param deletions ids of images to delete, prefix included
 * @param idPrefix put before every id that is sent
 * @param rate images per second; empty: as fast as the broker takes them
 * @param repeat passes over the sources
 * @param shuffle seed of the order within each source; every pass has an order of its own
 * @param limit images sent after which the run ends, all passes and the watch together
 * @param watch whether to go on with new and changed files in the folders until stopped
 * @param onlyNew whether to pass over images whose id the topic has seen, deleted or with whatever
 *     content
 */
public record IngestOptions(
    List<Path> paths,
    Optional<Drawings> drawings,
    List<String> deletions,
    String idPrefix,
    OptionalDouble rate,
    int repeat,
    OptionalLong shuffle,
    OptionalLong limit,
    boolean watch,
    boolean onlyNew) {

  public IngestOptions {
    paths = List.copyOf(paths);
    deletions = List.copyOf(deletions);
    if (paths.isEmpty() && drawings.isEmpty() && deletions.isEmpty()) {
      throw new SourceException("nothing to send: give a PATH, --synthetic N or --delete ID");
    }
    if (rate.isPresent() && !(rate.getAsDouble() > 0 && rate.getAsDouble() < 1e9)) {
      throw new SourceException("--rate " + rate.getAsDouble() + " must be above 0, images/s");
    }
    if (repeat < 1) {
      throw new SourceException("--repeat " + repeat + " must be at least 1");
    }
    if (limit.isPresent() && limit.getAsLong() < 1) {
      throw new SourceException("--limit " + limit.getAsLong() + " must be at least 1");
    }
    if (deletions.stream().anyMatch(String::isBlank)) {
      throw new SourceException("--delete: an id is empty");
    }
  }

  /** Everything in some paths, once, in stored order, as fast as it goes. */
  public static IngestOptions of(List<Path> paths) {
    return plain(paths, Optional.empty(), List.of());
  }

  /** Synthetic images, once, as fast as it goes. */
  public static IngestOptions of(Drawings drawings) {
    return plain(List.of(), Optional.of(drawings), List.of());
  }

  /** Deletions alone. */
  public static IngestOptions deleting(List<String> ids) {
    return plain(List.of(), Optional.empty(), ids);
  }

  private static IngestOptions plain(
      List<Path> paths, Optional<Drawings> drawings, List<String> deletions) {
    return new IngestOptions(
        paths,
        drawings,
        deletions,
        "",
        OptionalDouble.empty(),
        1,
        OptionalLong.empty(),
        OptionalLong.empty(),
        false,
        false);
  }

  public IngestOptions withIdPrefix(String prefix) {
    return new IngestOptions(
        paths, drawings, deletions, prefix, rate, repeat, shuffle, limit, watch, onlyNew);
  }

  public IngestOptions withRate(double imagesPerSecond) {
    return new IngestOptions(
        paths,
        drawings,
        deletions,
        idPrefix,
        OptionalDouble.of(imagesPerSecond),
        repeat,
        shuffle,
        limit,
        watch,
        onlyNew);
  }

  public IngestOptions withRepeat(int passes) {
    return new IngestOptions(
        paths, drawings, deletions, idPrefix, rate, passes, shuffle, limit, watch, onlyNew);
  }

  public IngestOptions withShuffle(long seed) {
    return new IngestOptions(
        paths,
        drawings,
        deletions,
        idPrefix,
        rate,
        repeat,
        OptionalLong.of(seed),
        limit,
        watch,
        onlyNew);
  }

  public IngestOptions withLimit(long images) {
    return new IngestOptions(
        paths,
        drawings,
        deletions,
        idPrefix,
        rate,
        repeat,
        shuffle,
        OptionalLong.of(images),
        watch,
        onlyNew);
  }

  public IngestOptions withWatch() {
    return new IngestOptions(
        paths, drawings, deletions, idPrefix, rate, repeat, shuffle, limit, true, onlyNew);
  }

  public IngestOptions withOnlyNew() {
    return new IngestOptions(
        paths, drawings, deletions, idPrefix, rate, repeat, shuffle, limit, watch, true);
  }

  /**
   * What the paths and drawings are.
   *
   * @throws SourceException if a path is missing or no source, if two sources would give the same
   *     ids, or if there is no folder to watch
   */
  List<Source> sources(int maxBytes) {
    List<Source> sources = new ArrayList<>();
    for (Path path : paths) {
      sources.add(Sources.of(path, maxBytes));
    }
    drawings.ifPresent(d -> sources.add(new Synthetic(d.count(), d.size(), d.seed())));
    Set<String> names = new HashSet<>();
    for (Source source : sources) {
      if (!names.add(source.name())) {
        throw new SourceException(
            "two sources are named "
                + source.name()
                + ", so their images would overwrite each other: send them one by one, each with"
                + " its own --id-prefix");
      }
    }
    if (watch && sources.stream().noneMatch(Folder.class::isInstance)) {
      throw new SourceException("--watch needs a folder among the PATHs");
    }
    return sources;
  }
}
