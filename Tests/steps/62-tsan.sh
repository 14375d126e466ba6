#!/usr/bin/env bash
# ThreadSanitizer: the Swift tests
# limit: 1800
set -euo pipefail
swift test -j "$JOBS" --sanitize=thread --disable-xctest --scratch-path .build-tsan
