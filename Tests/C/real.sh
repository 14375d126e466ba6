#!/usr/bin/env bash
# Runs a command against a fresh real API server that holds the CRDs and samples of Tests/crds; stops the server afterwards.
#
#   real.sh real-apiserver.sh|crd-apiserver.sh COMMAND...
#
# The command finds KUBECR_REAL_* (see Tests/real-apiserver/README.md), KUBECR_REAL_SCRIPT (the server's script),
# KUBECR_PLUGIN (the exec plugins) and KUBECR_OTHER_CA (a CA that signed nothing here). PROJECTS_CRD names another file of Tests/crds/json for the Projects.
# Exit status: the command's; 3 when the server cannot be had on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
KUBECR_REAL_SCRIPT=$here/../real-apiserver/$1
shift
# shellcheck source=cluster.sh
source "$here/cluster.sh"

work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-real.XXXXXX")
child=
cleanup() {
  trap - EXIT INT TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  "$KUBECR_REAL_SCRIPT" stop "$work/server" || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$KUBECR_REAL_SCRIPT" build
began=$SECONDS
lines=$("$KUBECR_REAL_SCRIPT" start "$work/server")
eval "$lines"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/other.key" -subj /CN=another-ca -days 2 \
  -out "$work/other-ca.crt" 2>/dev/null
export KUBECR_REAL_SCRIPT KUBECR_OTHER_CA=$work/other-ca.crt KUBECR_PLUGIN=$here/../plugins/plugin.sh
apply_crds "${PROJECTS_CRD:-projects}"
echo "$(basename "$KUBECR_REAL_SCRIPT"): $KUBECR_REAL_SERVER with CRDs and samples, after $((SECONDS - began)) s" >&2

status=0
"$@" &
child=$!
wait "$child" || status=$?
child=
exit "$status"
