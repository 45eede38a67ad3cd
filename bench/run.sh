#!/usr/bin/env bash
# Measures a release build: size, memory, time to the first answer, requests per second on one core beside a bare
# actix handler. Prints Markdown, and writes target/bench.json. Takes about two minutes after the build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v wrk >/dev/null; then
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wrk
fi
cargo build --locked --release --workspace --bins
python3 bench/measure.py target/release/vestibule target/release/bare target/bench.json
if command -v redis-server >/dev/null; then
  echo
  python3 bench/endpoints.py target/release/vestibule
fi
