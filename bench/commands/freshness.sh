# Capture to embedding: how old an image is when its embedding shows, at half the sustainable rate, while training runs.
# shellcheck shell=bash

run() {
  build
  bench_java -Dadasim.home="$PWD/standalone/target/dist" stream.adasim.bench.freshness.FreshnessCommand "$@"
}
