#!/usr/bin/env bash
# Conformance, contract and examples in C, Python and Swift: kubecr-testserver
# limit: 1200
set -euo pipefail
exec Tests/C/testserver.sh Tests/conformance/run.sh testserver
