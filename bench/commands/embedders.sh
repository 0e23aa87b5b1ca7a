# Embeddings per second of one learner and of two, each pinned to a core.
# shellcheck shell=bash

run() {
  build
  bench_java -Dadasim.home="$PWD/standalone/target/dist" stream.adasim.bench.freshness.EmbeddersCommand "$@"
}
