#!/usr/bin/env bash
# CRD server 0.36: leaving main 200 times with watches running; no thread in external mode
set -euo pipefail
exec Tests/C/real.sh crd-apiserver.sh bash -euc 'Tests/C/exit.sh "$TESTS/gcc" 200; Tests/C/strace_loop.sh "$TESTS/gcc"'
