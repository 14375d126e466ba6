#!/usr/bin/env bash
# Kills and restarts the API server under a running informer while objects change, and compares at each quiet point; at last it
# comes back with a certificate of another authority.
# usage: restart.sh real-apiserver.sh|crd-apiserver.sh BIN. Exit status 3 when the server cannot be had on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
KUBECR_REAL_SCRIPT=$here/../real-apiserver/$1
bin=$2
# shellcheck source=cluster.sh
source "$here/cluster.sh"
ns_name=restart-$$

work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-restart.XXXXXX")
program=
cleanup() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0)); then tail -n 200 "$work/log" >&2 || true; fi
  [ -z "$program" ] || kill "$program" 2>/dev/null || true
  "$KUBECR_REAL_SCRIPT" stop "$work/server" || true
  cat "$work/err" >&2 || true # empty when all is well
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$KUBECR_REAL_SCRIPT" build

start() { # start PORT: with the data of the last time
  local lines
  lines=$("$KUBECR_REAL_SCRIPT" start "$work/server" "$1" 3>&- 4<&-)
  eval "$lines"
}
# Ends the server as a crash does. The pid files are the server script's own, so these are our processes.
crash() {
  local name
  for name in "$@"; do
    kill -9 "$(<"$work/server/$name.pid")" 2>/dev/null || true
  done
  KUBECR_KEEP=1 "$KUBECR_REAL_SCRIPT" stop "$work/server"
}
projects=$group/namespaces/$ns_name/projects
create() { admin POST "$projects" "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"$1\"},\"spec\":{\"replicas\":1}}" >/dev/null; }
change() { content_type=application/merge-patch+json admin PATCH "$projects/$1" "{\"spec\":{\"replicas\":$2}}" >/dev/null; }
delete() { admin DELETE "$projects/$1" >/dev/null; }
converge() { # converge WHAT: waits for the program's answer
  local line
  echo converge >&3
  IFS= read -r -t 200 line <&4 || { echo "$1: no answer" >&2; return 1; }
  echo "$1: $line"
  [[ $line == equal* ]]
}

start 0
port=$(<"$work/server/port")
apply_crds
admin POST /api/v1/namespaces "{\"metadata\":{\"name\":\"$ns_name\"}}" >/dev/null 2>&1 || true # the CRD server has none
for i in {1..40}; do create "p-$i"; done
pki=$work/server/pki
# The first port is the one that comes back; the authority is a file of its own.
cp "$pki/ca.crt" "$work/ca.crt"
sed "s#authority: pki/#authority: #; s#: pki/#: $pki/#" "$KUBECR_REAL_ADMIN_FILES" >"$work/kubeconfig"

touch "$work/err"
mkfifo "$work/in" "$work/out"
"$bin/restart" "$work/kubeconfig" "$ns_name" "$work/log" <"$work/in" >"$work/out" 2>"$work/err" &
program=$!
exec 3>"$work/in" 4<"$work/out"
converge "at the start"

# 1. Killed while somebody writes; back on the same port with the same data.
(for i in {41..100}; do create "p-$i" || exit 0; done) 2>/dev/null &
writer=$!
within 20 "half of it written" admin GET "$projects/p-60"
crash kube-apiserver etcd
wait "$writer" || true
start "$port"
within 60 "projects served" served
for i in {1..10}; do change "p-$i" 5; done
converge "killed while written to"

# 2. Killed, and the world goes on where the informer cannot see it: on another port.
crash kube-apiserver
start 0
within 60 "projects served" served
for i in {1..10}; do delete "p-$i"; done
for i in {11..20}; do change "p-$i" 7; done
for i in {201..215}; do create "p-$i"; done
for i in {1..3}; do create "p-$i"; done # deleted and made again
KUBECR_KEEP=1 "$KUBECR_REAL_SCRIPT" stop "$work/server"
start "$port"
within 60 "projects served" served
converge "changed while away"

# 3. Twice in a row, with nothing changed.
crash kube-apiserver
start "$port"
crash kube-apiserver
start "$port"
within 60 "projects served" served
for i in {216..225}; do create "p-$i"; done
converge "restarted twice"

# 4. With a certificate of another authority: refused until the file of the authority is replaced (fault 75).
renew_authority() {
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/next.key" -subj /CN=kubecr-next-ca -days 2 \
    -addext keyUsage=critical,keyCertSign -out "$work/next.crt" 2>/dev/null
  openssl req -new -key "$pki/server.key" -subj /CN=kube-apiserver -out "$work/csr" 2>/dev/null
  openssl x509 -req -in "$work/csr" -CA "$work/next.crt" -CAkey "$work/next.key" -set_serial 75 -days 2 -sha256 \
    -extfile <(echo subjectAltName=IP:127.0.0.1) -out "$pki/server.crt" 2>/dev/null
  cp "$pki/ca.crt" "$work/ours.crt" # signs clients' certificates still
  cat "$work/next.crt" "$work/ours.crt" >"$pki/ca.crt"
}
refused() { tail -n "+$told" "$work/log" | grep "certificate"; }
crash kube-apiserver
renew_authority
told=$(($(wc -l <"$work/log") + 1))
start "$port"
within 60 "projects served" served
for i in {226..230}; do create "p-$i"; done
within 90 "the new certificate refused" refused
mv "$work/next.crt" "$work/ca.crt"
converge "restarted with another authority"
echo end >&3
IFS= read -r -t 200 line <&4 && echo "at the end: $line"
cat <&4 # the program's last words
wait "$program"
program=
