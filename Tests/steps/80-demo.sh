#!/usr/bin/env bash
# The demo, and the three commands that it ends with, as they stand there
# limit: 2400
set -euo pipefail
out=$(mktemp "${TMPDIR:-/tmp}/kubecr-demo.XXXXXX")
trap 'rm -f "$out"' EXIT
examples/demo.sh | tee "$out"
for line in 'C      | machine demo-1 cpu=1 memory=4G' 'Python | script: all as expected' 'Swift  | swift: all as expected' 'Change | machine demo-3 is deleted'; do
  grep -qxF "$line" "$out" || { echo "the demo did not say: $line"; exit 1; }
done

began=$SECONDS
examples/demo.sh >"$out"
echo "figure: the demo's second run: $((SECONDS - began)) s"
mapfile -t commands < <(sed -n 's/^  \(examples\/with-server\.sh .*\)/\1/p' "$out")
((${#commands[@]} == 3)) || { echo "the demo tells ${#commands[@]} commands to try, not three"; exit 1; }
for command in "${commands[@]}"; do
  echo "--- $command"
  bash -c "$command" | diff - examples/expected/03_cache.txt
done
