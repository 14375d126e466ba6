#!/usr/bin/env bash
# Builds the libFuzzer targets and runs each for FUZZ_SECONDS (default 60) from the corpus kept beside this script. A finding
# ends it with its input and status 1. What is new and interesting goes to .build-fuzz/corpus; FUZZ_KEEP=1 merges it into
# the corpus kept here.
#
#   Tests/fuzz/run.sh [kubeconfig] [json]        both without a name
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- kubeconfig json
for name in "$@"; do
  KUBECR_FUZZ=1 KUBECR_TESTSERVER=0 swift build -c release --sanitize=address -Xswiftc -sanitize=fuzzer --scratch-path .build-fuzz --product "fuzz-$name"
  found=.build-fuzz/corpus/$name kept=Tests/fuzz/corpus/$name
  mkdir -p "$found"
  options=(-max_len=8192 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 "-artifact_prefix=.build-fuzz/finding-$name-")
  [ ! -e "Tests/fuzz/$name.dict" ] || options+=("-dict=Tests/fuzz/$name.dict")
  .build-fuzz/release/"fuzz-$name" "${options[@]}" "-max_total_time=${FUZZ_SECONDS:-60}" "$found" "$kept" 2>.build-fuzz/"$name.log" || {
    tail -n 40 .build-fuzz/"$name.log"
    echo "a finding: .build-fuzz/finding-$name-*"
    exit 1
  }
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' .build-fuzz/"$name.log")
  echo "figure: $name: $runs inputs in ${FUZZ_SECONDS:-60} s, no finding"
  [ -z "${FUZZ_KEEP-}" ] || .build-fuzz/release/"fuzz-$name" -merge=1 "$kept" "$found" 2>>.build-fuzz/"$name.log"
done
