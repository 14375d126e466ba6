#!/usr/bin/env bash
# kube-apiserver 1.20.2: all C tests again, and no secret in any log line, error, configuration or output
# limit: 1800
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh Tests/C/secrets.sh bash -euc '
  Tests/C/cluster_tests.sh "$TESTS/gcc"
  Tests/C/proxies.sh "$TESTS/gcc"
  Tests/C/rotation.sh "$TESTS/gcc"'
