# The training step over batch, width and threads: ms per image, as a table and a plot.
# shellcheck shell=bash

run() {
  build
  bench_java -Djava.awt.headless=true stream.adasim.bench.step.ScalingCommand "$@"
}
