# Sourced by the scripts beside it: finds a JDK that can build and run AdaSim Stream, and exports JAVA_HOME.
# shellcheck shell=bash

jdk_needed=25

# The feature version of the JDK in a folder, or nothing when there is none that can compile.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# The folders in which JDKs use to lie, in the order in which they are asked.
jdk_places() {
  [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
  local javac
  javac=$(command -v javac || true)
  if [ -n "$javac" ]; then
    # Through links such as /usr/bin/javac -> /etc/alternatives/javac -> the JDK.
    while [ -L "$javac" ]; do
      local target
      target=$(readlink "$javac")
      case $target in
        /*) javac=$target ;;
        *) javac=$(dirname "$javac")/$target ;;
      esac
    done
    printf '%s\n' "$(cd "$(dirname "$javac")/.." && pwd -P)"
  fi
  if [ -x /usr/libexec/java_home ]; then
    /usr/libexec/java_home -v "$jdk_needed+" 2>/dev/null || true
  fi
  local place
  for place in /usr/lib/jvm/* "${HOME:-/nonexistent}"/.sdkman/candidates/java/* \
    "${HOME:-/nonexistent}"/.jdks/* /opt/* /opt/java/* /usr/local/* /usr/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ ! -d "$place" ] || printf '%s\n' "$place"
  done
}

find_jdk() {
  local place version
  while IFS= read -r place; do
    version=$(jdk_version "$place")
    if [ -n "$version" ] && [ "$version" -ge "$jdk_needed" ]; then
      export JAVA_HOME=$place
      return 0
    fi
  done < <(jdk_places)
  echo "AdaSim Stream needs a JDK $jdk_needed or newer and finds none: install one (https://adoptium.net, or your system's package), or set JAVA_HOME to it." >&2
  return 1
}
