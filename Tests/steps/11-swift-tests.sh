#!/usr/bin/env bash
# Swift: the tests
# limit: 900
set -euo pipefail
swift test --skip-build --disable-xctest
