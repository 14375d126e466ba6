#!/usr/bin/env bash
# AddressSanitizer: the Swift tests
# limit: 1800
set -euo pipefail
# Leaks are looked for in the C tests (61 and valgrind): a scripted client that a test leaves running keeps itself alive.
export ASAN_OPTIONS=detect_leaks=0
export KUBECR_SIMULATION_SEEDS=60 KUBECR_TESTSERVER=0
swift test -j "$JOBS" --sanitize=address --disable-xctest --scratch-path .build-asan
