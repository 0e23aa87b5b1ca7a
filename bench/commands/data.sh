# Decoding and augmentation: microseconds per image and per pair of views, on one core.
# shellcheck shell=bash

run() {
  build
  bench_java stream.adasim.bench.data.DataCommand "$@"
}
