#!/usr/bin/env bash
# valgrind: the contract's programs, the C tests and the threads, on kube-apiserver 1.20.2
# limit: 1800
set -euo pipefail
export PATIENCE=10 WRAP="valgrind -q --fair-sched=yes --leak-check=full --show-leak-kinds=definite,indirect \
--errors-for-leak-kinds=definite,indirect --error-exitcode=99 --num-callers=30 --suppressions=$PWD/Tests/C/valgrind.supp"
exec Tests/C/real.sh real-apiserver.sh Tests/C/cluster_tests.sh "$TESTS/gcc"
