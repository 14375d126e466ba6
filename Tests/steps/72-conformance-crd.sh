#!/usr/bin/env bash
# Conformance, contract and examples in C, Python and Swift: CRD server 0.36
# limit: 1200
set -euo pipefail
exec Tests/C/real.sh crd-apiserver.sh Tests/conformance/run.sh crd-0.36
