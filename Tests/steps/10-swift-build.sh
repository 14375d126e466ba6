#!/usr/bin/env bash
# Swift: everything builds, tests included
# limit: 2700
set -euo pipefail
swift build --build-tests -j "$JOBS"
