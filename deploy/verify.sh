#!/usr/bin/env bash
# Proves on real containers what docker-compose.yml promises: builds the images, starts everything, scales up, kills a
# trainer and an indexer, suspends a trainer, cuts a learner off the network, restarts broker and registry, scales down,
# and audits the topics from outside. Prints a table; ends with 0 where all of it held.
#
#   deploy/verify.sh               some ten minutes; needs a Docker engine, or root and Docker to start one
#   deploy/verify.sh --if-possible only where an engine runs already; else says that it is left out, and ends with 0
#   deploy/verify.sh --install     installs an engine first where there is none (as root, on Debian and its kin); where that
#                                  can't be, says so and ends with 0
#   deploy/verify.sh --keep        leaves the containers running at the end
#   deploy/verify.sh --observe     Prometheus, too: whether all instances are scraped, and whether every query of dashboard
#                                  and alerts has numbers
#   deploy/verify.sh --three-brokers
#                                  docker-compose.three-brokers.yml, too: whether every record lies on three, and whether
#                                  all goes on while one of them is dead
#
# Environment: OUTAGE, seconds that a trainer is suspended and a learner cut off (60); KAFKA_PORT, KAFKA_PORT_2, KAFKA_PORT_3,
# REGISTRY_PORT and PROMETHEUS_PORT on loopback (19094, 19095, 19096, 18081, 19090); the images that docker-compose.yml names.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=bin/jdk.sh
. bin/jdk.sh
# shellcheck source=deploy/engine.sh
. deploy/engine.sh

keep=false
if_possible=false
install=false
observe=false
three_brokers=false
for word in "$@"; do
  case $word in
    --keep) keep=true ;;
    --if-possible) if_possible=true ;;
    --install) install=true ;;
    --observe) observe=true ;;
    --three-brokers) three_brokers=true ;;
    *)
      sed -n '2,/^set/{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
done

outage=${OUTAGE:-60}
export KAFKA_PORT=${KAFKA_PORT:-19094} KAFKA_PORT_2=${KAFKA_PORT_2:-19095} KAFKA_PORT_3=${KAFKA_PORT_3:-19096}
export REGISTRY_PORT=${REGISTRY_PORT:-18081} PROMETHEUS_PORT=${PROMETHEUS_PORT:-19090}
export ADASIM_BOOTSTRAP_SERVERS=localhost:$KAFKA_PORT
files=(-f docker-compose.yml)
if $three_brokers; then
  files+=(-f docker-compose.three-brokers.yml)
  ADASIM_BOOTSTRAP_SERVERS+=,localhost:$KAFKA_PORT_2,localhost:$KAFKA_PORT_3
fi
files+=(-f deploy/verify.yml)
export ADASIM_SCHEMA_REGISTRY_URL=http://localhost:$REGISTRY_PORT/apis/ccompat/v7
project=adasim-verify
work=$(mktemp -d)
export IMAGES=$work/images
mkdir "$IMAGES"
chmod 755 "$work" "$IMAGES" # the containers' user reads there
rows=()
failed=0
sender=

# docker-compose gives up on what takes a minute, such as stopping two learners that write a checkpoint.
export COMPOSE_HTTP_TIMEOUT=300

dc() {
  compose -p "$project" "${files[@]}" "$@"
}

note() {
  printf '%6ss  %s\n' "$SECONDS" "$*" >&2
}

# One line of the table: row ok|FAILED WHAT FIGURE
row() {
  rows+=("$(printf '%-7s %-59s %s' "$1" "$2" "$3")")
  [ "$1" = ok ] || failed=1
  note "$1: $2: $3"
}

# Starts what a command line of compose says, and stops the script where it can't.
start() {
  if ! dc up -d "$@" >"$work/compose.log" 2>&1; then
    tail -n 20 "$work/compose.log" >&2
    return 1
  fi
}

clean_up() {
  local status=$?
  [ -z "$sender" ] || kill "$sender" 2>/dev/null || true
  if [ "$status" -ne 0 ]; then
    dc logs --no-color --tail=15 learner indexer >&2 2>/dev/null || true
  fi
  if ! $keep; then
    dc --profile observe down -v --remove-orphans >/dev/null 2>&1 || true
    stop_engine
    rm -rf "$work"
  fi
}

# The containers of a service, running ones only.
containers() {
  dc ps -q "$1" | while read -r id; do
    [ "$(docker inspect -f '{{.State.Running}}' "$id")" != true ] || echo "$id"
  done
}

# When a container last said that it trains or doesn't: "TIME active|idle ID", the newest last.
trainers() {
  local id
  for id in $(containers learner); do
    docker logs --timestamps "$id" 2>&1 |
      sed -nE "s/^([^ ]+) .*event=trainer\.active.*/\1 active $id/p; s/^([^ ]+) .*event=(trainer\.fenced|trainer\.standby|adasim-trainer\.stopped|adasim-trainer\.failed).*/\1 idle $id/p" |
      tail -n 1
  done | sort
}

active_trainer() {
  trainers | awk '$2 == "active" { id = $3 } END { print id }'
}

# Waits until a command succeeds: wait_for SECONDS COMMAND...; prints how long that took, to a tenth.
wait_for() {
  local limit=$1 began
  shift
  began=$(date +%s%N)
  until "$@" >/dev/null 2>&1; do
    if [ $((($(date +%s%N) - began) / 1000000000)) -ge "$limit" ]; then
      return 1
    fi
    sleep 0.5
  done
  awk -v n=$(($(date +%s%N) - began)) 'BEGIN { printf "%.1f", n / 1e9 }'
}

# Notes how long something took, or that it didn't come: timed LIMIT WHAT COMMAND...
timed() {
  local limit=$1 what=$2 took
  shift 2
  if took=$(wait_for "$limit" "$@"); then
    row ok "$what" "$took s (limit $limit s)"
  else
    row FAILED "$what" "not within $limit s"
  fi
}

# Whether a container began to train after a moment: trains_since TIME
trains_since() {
  trainers | awk -v since="$1" '$2 == "active" && $1 > since { found = 1 } END { exit !found }'
}

now() {
  date -u +%Y-%m-%dT%H:%M:%S.%N
}

says() {
  docker logs "$1" 2>&1 | grep -q "$2"
}

# Whether all learners that run embed arrivals.
embedding() {
  local id
  for id in $(containers learner); do
    says "$id" event=embedder.assigned || return 1
  done
}

# Sets before to how many ids have an embedding, once the broker answers.
count_embedded() {
  wait_for 120 embedded_more_than -1 >/dev/null
  before=$(embedded)
}

running() {
  [ "$(containers "$1" | wc -l)" -eq "$2" ]
}

# How many ids have an embedding, whatever else the audit finds; nothing where the broker doesn't answer.
embedded() {
  { bin/adasim audit --wait 0s --json 2>/dev/null || true; } | sed -n 's/.*"embedded" : \([0-9]*\).*/\1/p'
}

# Whether more ids have an embedding than some number.
embedded_more_than() {
  local now
  now=$(embedded)
  [ -n "$now" ] && [ "$now" -gt "$1" ]
}

# Kills all processes of a container but its init, as the kernel does where memory is short.
crash() {
  docker exec "$1" bash -c 'kill -9 -1' || true
}

# Runs a program of one Java file with the services' libraries.
java_file() {
  "$JAVA_HOME/bin/java" -cp 'standalone/target/dist/lib/*' "$@"
}

# Whether Prometheus scrapes so many instances, and has numbers for all that is asked of it.
observed() {
  java_file deploy/observe/Check.java "http://localhost:$PROMETHEUS_PORT" >"$work/observed" 2>&1 &&
    grep -q "^$1 of $1 targets are up" "$work/observed"
}

# Whether all topics have three replicas, so many in sync at least, and need two for a write.
replicated() {
  java_file deploy/Replicas.java "$ADASIM_BOOTSTRAP_SERVERS" 3 "$1" 2 >"$work/replicas" 2>&1
}

# Sends drawn images from this machine, some a second, until stopped: send PREFIX
send() {
  bin/adasim ingest --synthetic 100000 --rate 4 --seed 7 --id-prefix "$1/" --quiet &
  sender=$!
}

stop_sending() {
  kill "$sender" 2>/dev/null || true
  wait "$sender" 2>/dev/null || true
  sender=
}

trap clean_up EXIT
find_jdk
if $if_possible && ! docker info >/dev/null 2>&1; then
  echo "deploy/verify.sh: left out, as no Docker engine runs here"
  exit 0
fi
if $install && ! { install_engine && find_engine && find_compose; }; then
  echo "deploy/verify.sh: left out, as no Docker engine runs here and none can be installed"
  exit 0
fi
find_engine
find_compose
find_images
if $observe; then
  find_prometheus
fi
note "building"
dc build -q >/dev/null 2>&1 || dc build >&2
bin/adasim --version >/dev/null

note "starting"
start
if $observe; then
  start --no-deps prometheus
fi
timed 180 "up: embeddings of generated images" embedded_more_than 0

note "sending from outside"
send outside
printf '\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x20\x00\x00\x00\x20\x08\x02\x00\x00\x00\xfc\x18\xed\xa3broken' \
  >"$IMAGES/broken.png"
bin/adasim ingest --synthetic 10 --seed 8 --id-prefix doomed/ --quiet
bin/adasim ingest --delete doomed/synthetic/8/0 doomed/synthetic/8/1 --quiet

start --scale learner=3 --scale indexer=3
timed 60 "scaled up to 3 learners and 3 indexers" running learner 3
timed 120 "all three embed arrivals" embedding
sleep 15

trainer=$(active_trainer)
note "killing the trainer"
began=$(now)
crash "$trainer"
timed 60 "a killed trainer is replaced, if by itself" trains_since "$began"
timed 60 "the new one goes on from the checkpoint" says "$(active_trainer)" event=training.resumed
sleep 10

note "killing an indexer"
crash "$(containers indexer | head -n 1)"
timed 60 "a killed indexer is back" running indexer 3
sleep 5

trainer=$(active_trainer)
note "suspending the trainer for $outage s"
began=$(now)
docker exec "$trainer" bash -c 'kill -STOP -1'
timed 60 "a suspended trainer is replaced" trains_since "$began"
sleep "$outage"
docker exec "$trainer" bash -c 'kill -CONT -1'
timed 60 "continued, it is fenced and stands by" says "$trainer" event=trainer.fenced
sleep 5

trainer=$(active_trainer)
note "cutting the trainer off the network for $outage s"
began=$(now)
docker network disconnect "${project}_default" "$trainer"
timed 60 "a trainer that is cut off is replaced" trains_since "$began"
sleep "$outage"
docker network connect --alias learner "${project}_default" "$trainer"
sleep 5

note "restarting broker and registry"
count_embedded
dc restart -t 30 kafka >/dev/null 2>&1
sleep 10
dc restart -t 30 registry >/dev/null 2>&1
sleep 15
timed 120 "broker and registry restarted: arrivals are embedded" embedded_more_than "$before"

if $three_brokers; then
  timed 60 "every topic on three brokers, two must have a write" replicated 3
  note "killing one broker of three"
  count_embedded
  docker kill "$(containers kafka-2)" >/dev/null
  timed 120 "one broker is dead: arrivals are embedded" embedded_more_than $((before + 100))
  timed 60 "one broker is dead: two hold every record" replicated 2
  start --scale learner=3 --scale indexer=3
  timed 120 "it is back: three hold every record" replicated 3
fi

note "stopping everything, starting it in the wrong order"
stop_sending
count_embedded
dc stop -t 60 >/dev/null 2>&1
start --no-deps learner indexer
sleep 15
start --scale learner=3 --scale indexer=3
timed 60 "services before broker and registry: all is up" running indexer 3
send later
timed 180 "services before broker and registry: arrivals are embedded" embedded_more_than $((before + 100))

if $observe; then
  start --no-deps prometheus
  timed 120 "Prometheus scrapes all, every query has numbers" observed 7
fi

note "scaling down"
start --scale learner=1 --scale indexer=1
timed 60 "scaled down to 1 and 1" running learner 1
stop_sending
sleep 30

note "auditing while it trains"
if bin/adasim audit --wait 2m >"$work/live" 2>&1; then
  row ok "audit while training goes on" "see below"
else
  row FAILED "audit while training goes on" "see below"
fi
dc stop -t 60 learner >/dev/null 2>&1
note "auditing at rest"
if bin/adasim audit --wait 2m --settled >"$work/rest" 2>&1; then
  row ok "audit at rest" "see below"
else
  row FAILED "audit at rest" "see below"
fi

echo
printf '%s\n' "${rows[@]}"
echo
if $three_brokers; then
  cat "$work/replicas"
  echo
fi
if $observe; then
  cat "$work/observed"
  echo
fi
echo "while training went on:"
cat "$work/live"
echo
echo "at rest:"
cat "$work/rest"
exit "$failed"
