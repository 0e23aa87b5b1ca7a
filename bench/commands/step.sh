# The training step beside PyTorch's, turn by turn; installs what the peers need.
# shellcheck shell=bash

# A Python with torch, in a folder of its own under the user's cache; empty where there is none.
peer_python() {
  local venv=${XDG_CACHE_HOME:-$HOME/.cache}/adasim-stream/bench-python
  if ! command -v python3 >/dev/null; then
    echo "bench/run step: no python3, so PyTorch is left out" >&2
    return
  fi
  if ! "$venv/bin/python" -c 'import torch' 2>/dev/null; then
    echo "Installing PyTorch into $venv" >&2
    if ! { python3 -m venv "$venv" && "$venv/bin/pip" install -q --no-input torch numpy; } >&2; then
      echo "bench/run step: PyTorch cannot be installed, so it is left out" >&2
      return
    fi
  fi
  echo "$venv/bin/python"
}

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
  python=$(peer_python)
  allocator=$(peer_allocator)
  [ -z "$python" ] || options+=("--python=$python")
  [ -z "$allocator" ] || options+=("--allocator=$allocator")
  bench_java stream.adasim.bench.step.StepCommand "${options[@]}" "$@"
}
