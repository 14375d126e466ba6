#!/usr/bin/env bash
# CRD server 0.36: the contract's programs and the C tests (the first time, the server is built: up to 6 minutes)
# limit: 1800
set -euo pipefail
exec Tests/C/real.sh crd-apiserver.sh Tests/C/cluster_tests.sh "$TESTS/gcc"
