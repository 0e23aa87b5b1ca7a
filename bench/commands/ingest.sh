# Images over HTTP: the rate that 100 concurrent clients sustain, latency and the service's memory over time.
# shellcheck shell=bash

run() {
  build
  bench_java -Dadasim.home="$PWD/standalone/target/dist" stream.adasim.bench.ingest.IngestHttpCommand "$@"
}
