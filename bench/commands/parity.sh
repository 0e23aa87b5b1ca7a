# Trains beside PyTorch from the same weights on the same batches; compares loss curves and kNN accuracy.
# shellcheck shell=bash

run() {
  build
  local python
  python=$(peer_python torch,numpy,safetensors torch numpy safetensors)
  if [ -z "$python" ]; then
    echo "bench/run parity: nothing to compare with without PyTorch" >&2
    return 1
  fi
  bench_java stream.adasim.bench.parity.ParityCommand "--python=$python" "$@"
}
