#!/usr/bin/env bash
# The bench. Builds what it needs, runs everything in turns in one run, prints a table; `all` also draws figures.svg.
#
#   bench.sh quick [JOB...]     floor and the C API only; jobs as in run.sh
#   bench.sh all [JOB...]       floor, KubeCR in C, Python and Swift, and the Python clients of PyPI
#
# The library is taken from a staging prefix. ROUNDS: of the jobs named here (quick 3, all 5). RESULTS: where the JSON lines go.
# PEERS: where the Python clients are or are put by pip; those that can't be had are left out, and said.
set -euo pipefail
cd "$(dirname "$0")"
top=$(cd .. && pwd)
mode=${1-}
case $mode in quick | all) shift ;; *) sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;; esac
export STAGE=${STAGE:-$top/.build-release/stage} PEERS=${PEERS:-$top/.build-release/python-peers} TOP=$top
if [ ! -e "$STAGE/lib/libkubecr.so" ]; then
  echo "bench: building the library"
  make -C "$top" release
  make -C "$top" install PREFIX="$STAGE" DESTDIR=
fi
echo "bench: the replay server, its data (once) and the peers"
make -s -C replay all
make -s -C peers/floor
PKG_CONFIG_PATH=$STAGE/lib/pkgconfig make -s -B -C peers/kubecr
results=${RESULTS:-results/$mode.jsonl}
mkdir -p "$(dirname "$results")"
rm -f "$results"
if [ "$mode" = quick ]; then
  rounds=${ROUNDS:-3} only='^(floor|kubecr$)'
  [ $# -gt 0 ] || set -- "list 10000 0 $rounds" "sync 10000 0 $rounds" "watch 10000 200000 $rounds" "get 1000 4000 $rounds" \
    "lookup 10000 1000000 $rounds" "cold 1000 1 $rounds" "latency 1000 3000 $rounds 1000" "list 100000 0 $rounds" "sync 100000 0 $rounds"
else
  rounds=${ROUNDS:-5} only=.
  swift build -c release --package-path peers/kubecr-swift --product bench
  if ! [ -e "$PEERS/kubernetes" ] && ! python3 -m pip -q install --no-warn-conflicts --root-user-action ignore --target "$PEERS" kubernetes lightkube; then
    rm -rf "$PEERS"
    echo "bench: the Python clients of PyPI can't be had; they are left out"
    only='^(floor|kubecr)'
  fi
  [ $# -gt 0 ] || set -- "list 10000 0 $rounds" "sync 10000 0 $rounds" "sync 100000 0 $rounds" "watch 10000 100000 $rounds" \
    "get 1000 4000 $rounds" "lookup 10000 200000 $rounds" "cold 1000 1 $rounds" "latency 1000 3000 $rounds 1000"
fi
for job in "$@"; do
  echo "bench: $job"
  ONLY=${ONLY:-$only} ./run.sh "$results" "$job"
done
./compare.py "$results" --base floor-stream
[ "$mode" = quick ] || ./draw.py "$results" >figures.svg
