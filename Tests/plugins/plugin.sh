#!/bin/sh
# A zoo of exec plugins: each argument is an animal. What they give lies in the folder $ZOO (token, tls.crt, tls.key, seconds,
# and for "keeper" the animal of the next run in next); each run adds a line to $ZOO/runs.
set -eu
echo "$1 $$" >>"$ZOO/runs"

# answer STATUS: an ExecCredential around it. VERSION and KIND may be others.
answer() {
  printf '{"kind":"%s","apiVersion":"client.authentication.k8s.io/%s","spec":{"interactive":false},"status":{%s}}\n' \
    "${KIND:-ExecCredential}" "${VERSION:-v1}" "$1"
}
token() { printf '"token":"%s"' "$(cat "$ZOO/token")"; }
pem() { awk 'BEGIN { ORS = "\\n" } 1' "$1"; }
certificate() { printf '"clientCertificateData":"%s","clientKeyData":"%s"' "$(pem "$ZOO/tls.crt")" "$(pem "$ZOO/tls.key")"; }
expiry() { printf '"expirationTimestamp":"%s"' "$(date -u -d "+$(cat "$ZOO/seconds") seconds" +%Y-%m-%dT%H:%M:%S.%NZ)"; }

animal=$1
[ "$animal" != keeper ] || animal=$(cat "$ZOO/next")
case $animal in
token) answer "$(token)" ;;
certificate) answer "$(certificate)" ;;
both) cat "$ZOO/tls.key" >&2; answer "$(token),$(certificate)" ;; # its words hold a key
token-expires) answer "$(token),$(expiry)" ;;
certificate-expires) answer "$(certificate),$(expiry)" ;;
yaml) printf 'apiVersion: client.authentication.k8s.io/v1\nkind: ExecCredential\nstatus: {token: "%s"}\n' "$(cat "$ZOO/token")" ;;
hang) sleep 1000 & echo $! >"$ZOO/grandchild"; wait ;;
stubborn) trap '' TERM INT HUP; while :; do sleep 1; done ;;
flood) exec yes "$(cat "$ZOO/token")" ;;
babble) exec yes babble >&2 ;;
outlive) sleep 1000 & echo $! >"$ZOO/grandchild"; answer "$(token)" ;;
gate) until [ -e "$ZOO/go" ]; do sleep 0.02; done; answer "$(token)" ;;
noisy)
  printf 'one\033[31mred\007\r\n\n  the token is %s\n' "$(cat "$ZOO/token")" >&2
  answer "$(token)"
  ;;
info)
  # Read by the shell itself, and first: it unblocks all signals when it has waited for a program.
  while read -r line; do case $line in Sig[BI]*) echo "$line" ;; esac; done </proc/self/status >"$ZOO/signals"
  { printf '%s\n' "$KUBERNETES_EXEC_INFO"; shift; printf '<%s>' "$@"; echo; env; } >"$ZOO/info"
  ls /proc/self/fd | tr '\n' ' ' >"$ZOO/descriptors"
  cat >"$ZOO/stdin"
  answer "$(token)"
  ;;
wrong-kind) KIND=Secret; answer "$(token)" ;;
wrong-version) VERSION=v1beta1; answer "$(token)" ;;
no-status) printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"}' ;;
half) answer "\"clientKeyData\":\"$(pem "$ZOO/tls.key")\"" ;;
smuggle) answer "\"token\":\"$(cat "$ZOO/token")\\r\\nX-Evil: 1\"" ;;
garbage) echo "the token: is: $(cat "$ZOO/token")" ;;
nothing) ;;
exit3) answer "$(token)"; echo "give $(cat "$ZOO/token") to nobody" >&2; exit 3 ;;
killed) answer "$(token)"; kill -KILL $$ ;;
*) echo "no such animal: $animal" >&2; exit 2 ;;
esac
