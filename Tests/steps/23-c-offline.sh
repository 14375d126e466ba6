#!/usr/bin/env bash
# C: the tests that need no server, built by either compiler
set -euo pipefail
for compiler in gcc clang; do
  for test in object manifest bad_input servers limits hostile rest cancel process; do
    echo "$test, built by $compiler"
    timeout 120 "$TESTS/$compiler/$test"
  done
  echo "compression, built by $compiler"
  Tests/C/compression.sh "$TESTS/$compiler"
  echo "multiplex, built by $compiler"
  Tests/C/multiplex.sh "$TESTS/$compiler"
done
