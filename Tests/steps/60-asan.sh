#!/usr/bin/env bash
# AddressSanitizer: the Swift tests
# limit: 1800
set -euo pipefail
swift test -j "$JOBS" --sanitize=address --disable-xctest --scratch-path .build-asan
