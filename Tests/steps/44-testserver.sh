#!/usr/bin/env bash
# kubecr-testserver: the contract's programs and the C tests
# limit: 1800
set -euo pipefail
exec Tests/C/testserver.sh Tests/C/cluster_tests.sh "$TESTS/gcc"
