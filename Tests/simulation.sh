#!/usr/bin/env bash
# The simulation of list, watch, relist and handlers, optimised, on all processors.
#
#   simulation.sh COUNT          the seeds below COUNT; a failing one is printed and ends it with status 1
#   simulation.sh replay SEED    one seed, with everything that happens
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
jobs=${JOBS:-$(nproc)}
KUBECR_SIMULATION=1 KUBECR_TESTSERVER=0 swift build -j "$jobs" -c release --scratch-path .build-simulation --product simulation
program=.build-simulation/release/simulation
[ "$1" != replay ] || exec "$program" "$@"
start=$SECONDS workers=() failed=0
for ((worker = 0; worker < jobs; worker++)); do
  "$program" "$1" "$jobs" "$worker" &
  workers+=($!)
done
for worker in "${workers[@]}"; do wait "$worker" || failed=1; done
[ "$failed" = 0 ] && echo "figure: $1 seeds in $((SECONDS - start)) s"
exit "$failed"
