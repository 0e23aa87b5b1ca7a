# The training step beside PyTorch's, turn by turn; installs what the peers need.
# shellcheck shell=bash

# PyTorch is a tenth faster with it.
peer_allocator() {
  local library
  for library in /usr/lib/*/libtcmalloc_minimal.so.4 /usr/lib64/libtcmalloc_minimal.so.4; do
    if [ -r "$library" ]; then
      echo "$library"
      return
    fi
  done
  echo "bench/run step: no tcmalloc for PyTorch; install libtcmalloc-minimal4 to give it its best" >&2
}

run() {
  build
  local python allocator options=()
  python=$(peer_python torch torch numpy)
  allocator=$(peer_allocator)
  [ -z "$python" ] || options+=("--python=$python")
  [ -z "$allocator" ] || options+=("--allocator=$allocator")
  bench_java stream.adasim.bench.step.StepCommand "${options[@]}" "$@"
}
