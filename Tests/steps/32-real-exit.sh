#!/usr/bin/env bash
# kube-apiserver 1.20.2: leaving main 200 times with watches running; no thread in external mode; what a first call costs
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh bash -euc '
  Tests/C/exit.sh "$TESTS/gcc" 200
  Tests/C/strace_loop.sh "$TESTS/gcc"
  for _ in 1 2 3; do cold=$("$TESTS/gcc/cold" "$STAGE/lib/libkubecr.so.0" "$KUBECR_REAL_ADMIN_CERT"); done
  echo "figure: $cold"'
