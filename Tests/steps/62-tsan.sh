#!/usr/bin/env bash
# ThreadSanitizer: the Swift tests
# limit: 1800
set -euo pipefail
export KUBECR_SIMULATION_SEEDS=60 KUBECR_TESTSERVER=0
swift test -j "$JOBS" --sanitize=thread --disable-xctest --scratch-path .build-tsan
