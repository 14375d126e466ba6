#!/usr/bin/env bash
# A short round of the bench: floor and KubeCR, one table. Builds what it needs; the library is taken from a staging prefix.
# usage: quick.sh [JOB...], each as in run.sh; RESULTS: where the JSON lines go; ROUNDS (3) of the jobs named here
set -euo pipefail
cd "$(dirname "$0")"
top=$(cd .. && pwd)
stage=${STAGE:-$top/.build-release/stage}
if [ ! -e "$stage/lib/libkubecr.so" ]; then
  echo "bench: building the library"
  make -C "$top" release
  make -C "$top" install PREFIX="$stage" DESTDIR=
fi
echo "bench: the replay server, its data (once) and the peers"
make -s -C replay all
make -s -C peers/floor
PKG_CONFIG_PATH=$stage/lib/pkgconfig make -s -B -C peers/kubecr
rounds=${ROUNDS:-3}
results=${RESULTS:-results/quick.jsonl}
mkdir -p "$(dirname "$results")"
rm -f "$results"
[ $# -gt 0 ] || set -- "list 10000 0 $rounds" "sync 10000 0 $rounds" "watch 10000 200000 $rounds" "get 1000 4000 $rounds" \
  "lookup 10000 1000000 $rounds" "cold 1000 1 $rounds" "latency 1000 3000 $rounds 1000" "list 100000 0 $rounds" "sync 100000 0 $rounds"
for job in "$@"; do
  echo "bench: $job"
  ONLY=${ONLY:-'^(floor|kubecr)'} ./run.sh "$results" "$job"
done
./compare.py "$results"
