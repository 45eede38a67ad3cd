#!/usr/bin/env bash
# Measures a release build and prints Markdown: `bench/run.sh [base] [gate] [endpoints]`, all of it by default. Takes about
# eight minutes after the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=()
command -v wrk >/dev/null || packages+=(wrk)
command -v redis-server >/dev/null || packages+=(redis-server)
command -v redis-cli >/dev/null || packages+=(redis-tools)
if ((${#packages[@]})); then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi
cargo build --locked --release --workspace --bins

(($#)) || set -- base gate endpoints
for part in "$@"; do
  case "$part" in
    base) python3 bench/measure.py target/release/vestibule target/release/bare target/bench.json ;;
    gate | endpoints) python3 "bench/$part.py" target/release/vestibule target/release/bare ;;
    *) echo "$part: no such part; base, gate or endpoints" >&2 && exit 2 ;;
  esac
  echo
done
