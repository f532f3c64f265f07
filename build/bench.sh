#!/usr/bin/env bash
# Measures the design's figures and prints one JSON line each. ./build/bench.sh -only sync/node measures some;
# -list names them with their benchmarks. The table is build/tools/figures/table.go.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
need_languages
mkdir -p "$bin"
go -C build/tools build -o "$bin/figures" ./figures
exec "$bin/figures" -root "$top" "$@"
