#!/usr/bin/env bash
# C: the tests and the contract's programs build strictly with gcc and clang, by pkg-config
set -euo pipefail
[ -e "$STAGE/lib/libkubecr.so" ] || { echo "the library is not installed in the staging prefix"; exit 1; }
for compiler in gcc clang; do
  rm -rf "${TESTS:?}/$compiler"
  make -C Tests/C -j "$JOBS" CC=$compiler OUT="$TESTS/$compiler"
done
