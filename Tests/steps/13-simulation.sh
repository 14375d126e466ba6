#!/usr/bin/env bash
# 20,000 simulated lives of an informer: server, network and clock by seeds; at each quiet point store, index and handlers equal the server
set -euo pipefail
exec Tests/simulation.sh "${SIMULATION_SEEDS:-20000}"
