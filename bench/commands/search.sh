# Search with update beside faiss, JVector and Lucene, turn by turn; installs what the peers need.
# shellcheck shell=bash

run() {
  build
  local python options=()
  python=$(peer_python 'faiss, numpy' faiss-cpu numpy)
  [ -z "$python" ] || options+=("--python=$python" "--blas-core=$("$python" bench/peers/blas.py)")
  bench_java stream.adasim.bench.search.SearchCommand "${options[@]}" "$@"
}
