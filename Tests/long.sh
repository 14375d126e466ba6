#!/usr/bin/env bash
# What takes hours: a million simulated lives, every mutant, half an hour of each fuzz target, an hour's soak on each real server.
set -euo pipefail
cd "$(dirname "$0")/.."
Tests/simulation.sh 1000000
Tests/mutants.py
FUZZ_SECONDS=1800 Tests/fuzz/run.sh
make faultproxy
Tests/run.sh swift-build 20-release c-build
for server in real-apiserver.sh crd-apiserver.sh; do Tests/soak.sh 60 "${SOAK_SEED:-$RANDOM}" "$server"; done
