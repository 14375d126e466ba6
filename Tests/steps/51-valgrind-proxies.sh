#!/usr/bin/env bash
# valgrind: proxies, certificates that change and packed answers, on kube-apiserver 1.20.2
# limit: 1800
set -euo pipefail
export PATIENCE=10 WRAP="valgrind -q --fair-sched=yes --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect --error-exitcode=99 --num-callers=30 --suppressions=$PWD/Tests/C/valgrind.supp"
Tests/C/compression.sh "$TESTS/gcc"
exec Tests/C/real.sh real-apiserver.sh bash -euc '
  Tests/C/proxies.sh "$TESTS/gcc"
  Tests/C/rotation.sh "$TESTS/gcc"'
