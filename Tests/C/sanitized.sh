#!/usr/bin/env bash
# Builds library and C tests with a sanitizer and runs them against a real server. usage: sanitized.sh address|thread GROUP...
set -euo pipefail
sanitizer=$1
shift
cd "$(dirname "$0")/../.."
case $sanitizer in address) scratch=.build-asan ;; thread) scratch=.build-tsan ;; *) exit 2 ;; esac
export KUBECR_TESTSERVER=0
swift build -j "${JOBS:-2}" --sanitize="$sanitizer" --scratch-path $scratch --product kubecr
library=$PWD/$(swift build --sanitize="$sanitizer" --scratch-path $scratch --show-bin-path | sed "s,^$PWD/,,")
out=$PWD/$scratch/c-tests
rm -rf "$out"
# clang's ThreadSanitizer run-time of a Swift toolchain wants libdispatch, which C programs do not link by themselves.
dispatch=
if [ "$sanitizer" = thread ]; then
  runtime=$(swift -print-target-info | python3 -c 'import json, sys; print(json.load(sys.stdin)["paths"]["runtimeLibraryPaths"][0])')
  dispatch="-L$runtime -Wl,--no-as-needed -ldispatch -lBlocksRuntime -Wl,-rpath,$runtime"
fi
make -C Tests/C -j "${JOBS:-2}" CC=clang OUT="$out" SANITIZE="$sanitizer" KUBECR_CFLAGS="-I$PWD/include" \
  KUBECR_LIBS="-L$library -lkubecr -Wl,-rpath,$library -Wl,--allow-shlib-undefined $dispatch"
export PATIENCE=5 ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 LSAN_OPTIONS=suppressions=$PWD/Tests/C/lsan.supp:print_suppressions=0 \
  TSAN_OPTIONS=exitcode=66:halt_on_error=0:die_after_fork=0:second_deadlock_stack=1:suppressions=$PWD/Tests/C/tsan.supp
exec Tests/C/real.sh real-apiserver.sh Tests/C/cluster_tests.sh "$out" "$@"
