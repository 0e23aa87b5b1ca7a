# The neighbour memory through a broker: visits per second, time added to an embedding, restore.
# shellcheck shell=bash

run() {
  build
  bench_java -Dadasim.home="$PWD/standalone/target/dist" stream.adasim.bench.memory.MemoryCommand "$@"
}
