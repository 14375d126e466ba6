#!/usr/bin/env bash
# kube-apiserver 1.20.2: the contract's programs and the C tests (the first time, the server is built: up to 15 minutes)
# limit: 2700
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh Tests/C/cluster_tests.sh "$TESTS/gcc"
