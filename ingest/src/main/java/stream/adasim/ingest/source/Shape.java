package stream.adasim.ingest.source;

/** The classes of the drawings that {@link Synthetic} makes. */
enum Shape {
  CIRCLE,
  SQUARE,
  TRIANGLE,
  STAR,
  CROSS,
  STRIPES,
  CHECKER,
  DOTS,
  RINGS,
  WAVES
}
