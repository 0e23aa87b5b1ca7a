# shellcheck shell=bash
# For scripts that need containers: an engine, docker compose, and images to build from.

# Installs what verify.sh needs from the distribution's packages, where no engine answers and it isn't there.
install_engine() {
  if docker info >/dev/null 2>&1; then
    return
  fi
  if command -v dockerd >/dev/null && find_compose 2>/dev/null; then
    return
  fi
  if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "installing an engine needs root and apt-get" >&2
    return 1
  fi
  echo "Installing docker.io, docker-compose and debootstrap" >&2
  apt-get -q update >&2 &&
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y \
      docker.io docker-compose debootstrap iptables >&2
}

# Finds an engine, or starts one where this is root's machine and Docker is installed but doesn't run. Says why not.
find_engine() {
  if docker info >/dev/null 2>&1; then
    return
  fi
  if ! command -v dockerd >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "no Docker engine answers: start one, or install it (Debian: apt-get install docker.io docker-compose)" >&2
    return 1
  fi
  engine_folder=$(mktemp -d)
  dockerd --data-root "$engine_folder/data" --exec-root "$engine_folder/exec" -p "$engine_folder/pid" \
    >"$engine_folder/log" 2>&1 &
  local i
  for ((i = 0; i < 30; i++)); do
    if docker info >/dev/null 2>&1; then
      echo "Started a Docker engine of its own in $engine_folder" >&2
      return
    fi
    sleep 1
  done
  echo "dockerd does not come up: $(tail -n 1 "$engine_folder/log")" >&2
  return 1
}

# Stops the engine that find_engine started, if it did, and removes what it kept.
stop_engine() {
  if [ -n "${engine_folder:-}" ]; then
    kill "$(cat "$engine_folder/pid")" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$engine_folder"
  fi
}

# docker compose, as plugin or as the program that came before it.
compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose "$@"
  else
    docker-compose "$@"
  fi
}

find_compose() {
  if ! docker compose version >/dev/null 2>&1 && ! command -v docker-compose >/dev/null; then
    echo "neither the plugin docker compose nor docker-compose is installed (Debian: apt-get install docker-compose)" >&2
    return 1
  fi
}

# Sets BUILD_IMAGE, RUNTIME_IMAGE, KAFKA_IMAGE and REGISTRY_IMAGE to images of its own making where the official ones
# cannot be pulled: a Debian from the distribution's packages, this machine's JDK, and broker and registry of the versions
# that Maven Central has.
find_images() {
  if [ -n "${KAFKA_IMAGE:-}" ] || timeout 60 docker pull -q apache/kafka:4.3.1 >/dev/null 2>&1; then
    return
  fi
  echo "Images cannot be pulled; building stand-ins." >&2
  export RUNTIME_IMAGE=adasim-stream-debian:bookworm BUILD_IMAGE=adasim-stream-jdk:25
  export KAFKA_IMAGE=adasim-stream-kafka:stand-in REGISTRY_IMAGE=adasim-stream-registry:stand-in
  local folder
  if ! docker image inspect "$RUNTIME_IMAGE" >/dev/null 2>&1; then
    if ! command -v debootstrap >/dev/null || [ "$(id -u)" -ne 0 ]; then
      echo "a Debian to build from needs root and debootstrap (Debian: apt-get install debootstrap)" >&2
      return 1
    fi
    folder=$(mktemp -d)
    debootstrap --variant=minbase --include=ca-certificates,libstdc++6,bash bookworm "$folder" >"$folder.log" 2>&1 || {
      tail -n 3 "$folder.log" >&2
      return 1
    }
    tar -C "$folder" -c . | docker import - "$RUNTIME_IMAGE" >/dev/null
    rm -rf "$folder" "$folder.log"
  fi
  if ! docker image inspect "$BUILD_IMAGE" >/dev/null 2>&1; then
    folder=$(mktemp -d)
    cp -rL "$JAVA_HOME/." "$folder/jdk"
    printf 'FROM %s\nCOPY jdk /opt/jdk\nENV JAVA_HOME=/opt/jdk PATH=/opt/jdk/bin:/usr/sbin:/usr/bin:/sbin:/bin\n' \
      "$RUNTIME_IMAGE" >"$folder/Dockerfile"
    docker build -q -t "$BUILD_IMAGE" "$folder" >/dev/null
    rm -rf "$folder"
  fi
  local argument="BUILD_IMAGE=$BUILD_IMAGE"
  docker build -q --target build --build-arg "$argument" -t adasim-stream:build . >/dev/null
  docker build -q --build-arg "$argument" -t "$KAFKA_IMAGE" -f deploy/stand-ins/kafka.Dockerfile deploy >/dev/null
  docker build -q --build-arg "$argument" -t "$REGISTRY_IMAGE" -f deploy/stand-ins/registry.Dockerfile deploy >/dev/null
}

# Sets PROMETHEUS_IMAGE to an image of its own making where the official one cannot be pulled: Debian's package.
find_prometheus() {
  if [ -n "${PROMETHEUS_IMAGE:-}" ] || timeout 60 docker pull -q prom/prometheus:v3.13.3 >/dev/null 2>&1; then
    return
  fi
  export PROMETHEUS_IMAGE=adasim-stream-prometheus:stand-in
  docker build -q --build-arg "RUNTIME_IMAGE=${RUNTIME_IMAGE:-debian:bookworm-slim}" -t "$PROMETHEUS_IMAGE" \
    -f deploy/stand-ins/prometheus.Dockerfile deploy >/dev/null
}
