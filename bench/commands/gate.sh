# What of an image's votes tells whether its best other candidate has its label, for a model and a labelled set.
# shellcheck shell=bash

run() {
  build
  bench_java stream.adasim.bench.gate.GateCommand "$@"
}
