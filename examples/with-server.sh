#!/usr/bin/env bash
# Runs a command beside a fresh kubecr-testserver that holds the CRDs and samples of Tests/crds; the server ends with it.
#
#   examples/with-server.sh COMMAND...     for instance: examples/with-server.sh python3 examples/python/01_list.py
#   examples/with-server.sh bash           a shell to look around in
#
# The command finds the server by KUBECONFIG, and Python the package and the library in this folder. `make demo` builds what is
# needed; KUBECR_TESTSERVER_PROGRAM names another kubecr-testserver.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 1 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
server=${KUBECR_TESTSERVER_PROGRAM:-$root/.build/debug/kubecr-testserver}
[ -x "$server" ] || { echo "with-server.sh: $server is not there; make demo builds it" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-with-server.XXXXXX")
running=
end() {
  trap - EXIT INT TERM
  [ -z "$running" ] || { kill "$running" 2>/dev/null && wait "$running" 2>/dev/null; } || true
  rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

crds=$root/Tests/crds
# In a process group of its own, so that Ctrl-C ends the command first and the server after it.
set -m
"$server" --crd "$crds/projects.yaml" --crd "$crds/virtulmachines.yaml" --load "$crds/samples.yaml" --kubeconfig-out "$work/kubeconfig" \
  >"$work/log" 2>&1 </dev/null &
running=$!
set +m
until grep -qs '^listening on ' "$work/log"; do
  kill -0 "$running" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.02
done

# The examples in Swift need none of the packages that only kubecr-testserver is built from.
export KUBECR_TESTSERVER=0
export KUBECONFIG=$work/kubeconfig PYTHONPATH=$root/bindings/python${PYTHONPATH:+:$PYTHONPATH}
export KUBECR_LIBRARY=${KUBECR_LIBRARY:-$root/.build-release/stage/lib/libkubecr.so.0}
status=0
"$@" || status=$?
exit "$status"
