#!/usr/bin/env bash
# Runs a command against a fresh kubecr-testserver that holds the CRDs and samples of Tests/crds; stops it afterwards.
#
#   testserver.sh COMMAND...
#
# The command finds the same KUBECR_REAL_* variables as through real.sh, KUBECR_OTHER_CA, and KUBECR_SERVER=testserver.
# KUBECR_TESTSERVER_PROGRAM names the program; without it, it is built. KUBECR_TESTSERVER_OPTIONS: further options.
# Exit status: the command's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
program=${KUBECR_TESTSERVER_PROGRAM-}
if [ -z "$program" ]; then
  make -s -C "$here/../.." testserver >&2
  program=$here/../../.build/debug/kubecr-testserver
fi

# The certificates, tokens and kubeconfigs of the real servers' scripts.
# shellcheck disable=SC2034 # common.sh reads them
me=testserver suite=none server=kubecr-testserver build_name=none run_name=none
# shellcheck source=../real-apiserver/common.sh
source "$here/../real-apiserver/common.sh"

umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-testserver.XXXXXX")
dir=$work/server
mkdir "$dir"
child=
cleanup() {
  trap - EXIT INT TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  stop_servers
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

make_pki
mv "$pki/ca.crt" "$pki/client-ca.crt"
# shellcheck disable=SC2086 # the further options are words
run kube-apiserver "$program" --port 0 --kubeconfig-out "$dir/written.kubeconfig" --client-ca "$pki/client-ca.crt" \
  --token "$(<"$pki/admin.token")" --read-only-token "$(<"$pki/readonly.token")" --denied-token "$(<"$pki/denied.token")" \
  --crd "$here/../crds/${PROJECTS_CRD:-projects}.yaml" --crd "$here/../crds/virtulmachines.yaml" --load "$here/../crds/samples.yaml" \
  ${KUBECR_TESTSERVER_OPTIONS-}
listening() { grep -qs '^listening on ' "$dir/kube-apiserver.log"; }
wait_for kube-apiserver 150 listening
port=$(sed -n 's/^listening on .*:\([0-9]*\)$/\1/p' "$dir/kube-apiserver.log")
echo "$port" >"$dir/port"
# Its own CA, made at its start, is what clients must trust.
sed -n 's/^ *certificate-authority-data: //p' "$dir/written.kubeconfig" | base64 -d >"$pki/ca.crt"
write_kubeconfigs
eval "$(print_env)"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/other.key" -subj /CN=another-ca -days 2 \
  -out "$work/other-ca.crt" 2>/dev/null
export KUBECR_OTHER_CA=$work/other-ca.crt KUBECR_PLUGIN=$here/../plugins/plugin.sh KUBECR_SERVER=testserver

status=0
"$@" &
child=$!
wait "$child" || status=$?
child=
exit "$status"
