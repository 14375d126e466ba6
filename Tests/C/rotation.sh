#!/usr/bin/env bash
# Makes certificates signed by the real server's CA, and runs the C test "rotation", which puts them in each other's place.
# usage: rotation.sh BIN, inside real.sh; WRAP as for cluster_tests.sh
set -euo pipefail
bin=$1
: "${KUBECR_REAL_DIR:?run through real.sh}" "${KUBECR_OTHER_CA:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-rotation.XXXXXX")
trap 'rm -rf "$work"' EXIT
pki=$KUBECR_REAL_DIR/pki
mkdir "$work/next"
sign() { # sign NAME SUBJECT SERIAL
  openssl req -new -newkey rsa:2048 -nodes -keyout "$work/next/$1.key" -subj "$2" -out "$work/csr" 2>/dev/null
  openssl x509 -req -in "$work/csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -set_serial "$3" -days 2 -sha256 \
    -extfile <(echo extendedKeyUsage=clientAuth) -out "$work/next/$1.crt" 2>/dev/null
}
sign second /O=system:masters/CN=kubecr-second 1001
sign denied /CN=kubecr-denied 1002
cp "$KUBECR_OTHER_CA" "$work/next/other.crt"
cp "$pki/ca.crt" "$work/next/ca.crt"
cp "$pki/ca.crt" "$work/ca.crt"
cp "$pki/admin.crt" "$work/client.crt"
cp "$pki/admin.key" "$work/client.key"
cat >"$work/kubeconfig" <<END
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "$KUBECR_REAL_SERVER", certificate-authority: ca.crt}}]
users: [{name: u, user: {client-certificate: client.crt, client-key: client.key}}]
END
# shellcheck disable=SC2086 # WRAP is words
timeout "$((180 * ${PATIENCE:-1}))" ${WRAP-} "$bin/rotation" "$work"
