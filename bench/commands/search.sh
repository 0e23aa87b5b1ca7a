# Search with update beside faiss, JVector and Lucene, turn by turn; installs what the peers need.
# shellcheck shell=bash

# A Python with faiss, in the folder that the step's peers use too; empty where there is none.
faiss_python() {
  local venv=${XDG_CACHE_HOME:-$HOME/.cache}/adasim-stream/bench-python
  if ! command -v python3 >/dev/null; then
    echo "bench/run search: no python3, so faiss is left out" >&2
    return
  fi
  if ! "$venv/bin/python" -c 'import faiss, numpy' 2>/dev/null; then
    echo "Installing faiss into $venv" >&2
    [ -x "$venv/bin/python" ] || python3 -m venv "$venv" >&2 || return 0
    if ! "$venv/bin/python" -m pip install -q --no-input faiss-cpu numpy >&2; then
      echo "bench/run search: faiss cannot be installed, so it is left out" >&2
      return
    fi
  fi
  echo "$venv/bin/python"
}

run() {
  build
  local python options=()
  python=$(faiss_python)
  [ -z "$python" ] || options+=("--python=$python")
  bench_java stream.adasim.bench.search.SearchCommand "${options[@]}" "$@"
}
