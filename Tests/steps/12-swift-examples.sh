#!/usr/bin/env bash
# Swift: the stories build as a program's own package
# limit: 1800
set -euo pipefail
KUBECR_TESTSERVER=0 swift build --package-path examples/swift -j "$JOBS"
