#!/usr/bin/env bash
# What Python pays for a client: import time, and RSS after the same first call over TLS; kubecr beside the PyPI clients, in one
# run. Medians of ROUNDS (9), in turns. Budgets: import 15 ms above bare Python, RSS 4 MB above Python with ctypes, json and libcurl.
#
#   cost.sh KUBECONFIG [NAMESPACE NAME]     a Project that is there (default example-project)
#
# KUBECONFIG bears a token. STAGE: where the library is installed; PYTHON: the interpreter (python3). The peers are installed by pip
# into .build-release/python-peers, once; those that can't be had are left out, and said.
set -euo pipefail
cd "$(dirname "$0")/../.."
kubeconfig=${1:?usage: cost.sh KUBECONFIG [NAMESPACE NAME]}
namespace=${2:-default} name=${3:-example-project}
stage=${STAGE:-$PWD/.build-release/stage}
peers=$PWD/.build-release/python-peers
python=${PYTHON:-$(python3 -c 'import sys; print(sys.executable)')}
if ! [ -e "$peers/kubernetes" ] && ! "$python" -m pip -q install --no-warn-conflicts --root-user-action ignore --target "$peers" kubernetes lightkube; then
  rm -rf "$peers"
  echo "the PyPI clients can't be had; they are left out"
fi
clients=(bare base kubecr)
[ ! -e "$peers/kubernetes" ] || clients+=(kubernetes lightkube)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Byte code is kept, as an installed package has it: compiling would cost memory of its own.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$work/bytecode
one() { # one CLIENT
  PYTHONPATH=$PWD/bindings/python:$peers KUBECR_LIBRARY=$stage/lib/libkubecr.so.0 \
    "$python" bench/python/first_call.py "$1" "$kubeconfig" "$namespace" "$name"
}
for client in "${clients[@]}"; do one "$client" >/dev/null; done # warm: file cache and byte code
for ((round = 0; round < ${ROUNDS:-9}; round++)); do
  for client in "${clients[@]}"; do one "$client" >>"$work/$client"; done
done
"$python" - "$work" "${clients[@]}" <<'END'
import json, statistics, sys
work, clients = sys.argv[1], sys.argv[2:]
rows = {}
for client in clients:
    with open(f"{work}/{client}") as lines:
        runs = [json.loads(line) for line in lines]
    rows[client] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
print(f"{'':12} {'import ms':>10} {'call ms':>9} {'RSS MB':>8} {'private MB':>11} {'modules':>8}")
for client, row in rows.items():
    print(f"{client:12} {row['import_ms']:10.1f} {row['call_ms']:9.1f} {row['rss_kb'] / 1024:8.1f} {row['rss_anon_kb'] / 1024:11.1f} {row['modules']:8.0f}")
imported = rows["kubecr"]["import_ms"] - rows["bare"]["import_ms"]
memory = (rows["kubecr"]["rss_kb"] - rows["base"]["rss_kb"]) / 1024
print(f"figure: import kubecr: {imported:.1f} ms above bare Python (budget 15); RSS after the first call: {memory:.1f} MB above ctypes, json and libcurl (budget 4)")
sys.exit(imported > 15 or memory > 4)
END
