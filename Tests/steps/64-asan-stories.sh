#!/usr/bin/env bash
# AddressSanitizer and LeakSanitizer: the conformance driver, the contract's programs and the examples in C, on kubecr-testserver
# limit: 600
set -euo pipefail
export TESTS=$PWD/.build-asan/stories RESULTS=$PWD/.build-asan/stories/results LANGUAGES=c PATIENCE=3
export LSAN_OPTIONS=suppressions=$PWD/Tests/C/lsan.supp:print_suppressions=0
flags="-O1 -g -fsanitize=address -fno-omit-frame-pointer"
make -C Tests/C OUT="$TESTS/gcc" CFLAGS="$flags" "$TESTS/gcc/agent" "$TESTS/gcc/loop"
make -C Tests/conformance OUT="$TESTS/gcc" CFLAGS="$flags"
make -C examples/c OUT="$TESTS/gcc/examples" CFLAGS="$flags"
exec Tests/C/testserver.sh Tests/conformance/run.sh testserver
