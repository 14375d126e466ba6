#!/usr/bin/env bash
# kube-apiserver 1.20.2: a bound service-account token as in-cluster configuration, in a mount namespace
# limit: 1200
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh "$TESTS/gcc/in_cluster"
