#!/usr/bin/env bash
# C: the conformance driver and the examples build strictly with gcc and clang, by pkg-config
set -euo pipefail
[ -e "$STAGE/lib/libkubecr.so" ] || { echo "the library is not installed in the staging prefix"; exit 1; }
for compiler in gcc clang; do
  make -C Tests/conformance CC=$compiler OUT="$TESTS/$compiler"
  make -C examples/c CC=$compiler OUT="$TESTS/$compiler/examples"
done
