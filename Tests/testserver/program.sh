#!/usr/bin/env bash
# What only a running kubecr-testserver can show: options, files, TLS, both HTTP versions, watchers that go away, its end.
#
#   program.sh PROGRAM
set -euo pipefail
program=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-program.XXXXXX")
server='' watcher='' checks=0
cleanup() {
  trap - EXIT INT TERM
  for pid in $watcher $server; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { echo "FAIL: $*" >&2; [ ! -f "$work/log" ] || sed 's/^/  server: /' "$work/log" >&2; exit 1; }
check() { # check WHAT COMMAND...
  local what=$1
  shift
  "$@" || fail "$what"
  checks=$((checks + 1))
}
within() { # within SECONDS WHAT COMMAND...: repeats the command until it succeeds
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    ((SECONDS < deadline)) || fail "$what: not within the time allowed"
    sleep 0.05
  done
  checks=$((checks + 1))
}
listening() { grep -qs '^listening on ' "$work/log" || { kill -0 "$server" 2>/dev/null || fail "the server has ended"; false; }; }
start() {
  rm -f "$work/log"
  "$program" --token good-token --read-only-token reading-token --kubeconfig-out "$work/kubeconfig" "$@" >"$work/log" 2>&1 &
  server=$!
  within 20 "listening" listening
  url=$(sed -n 's/^listening on //p' "$work/log")
  sed -n 's/^ *certificate-authority-data: //p' "$work/kubeconfig" | base64 -d >"$work/ca.crt"
}
stop() { # stop SIGNAL: with status 0, and soon
  local status=0
  kill -"$1" "$server"
  gone() { ! kill -0 "$server" 2>/dev/null; }
  within 5 "the end after SIG$1" gone
  wait "$server" || status=$?
  server=
  check "the end after SIG$1 has status $status" [ "$status" = 0 ]
}
ask() { curl -sS --noproxy '*' --max-time 20 --cacert "$work/ca.crt" -H "Authorization: Bearer ${token-good-token}" "$@"; }
follow() { # follow FILE CURL-OPTION...: a watch in the background; its pid is added to "watcher"
  curl -sS -N --noproxy '*' --max-time 60 --cacert "$work/ca.crt" -H 'Authorization: Bearer good-token' "${@:2}" >>"$1" 2>"$work/curl.log" &
  watcher+=" $!"
}
holds() { local text; text=$("${@:2}") && [[ $text == *"$1"* ]]; } # holds TEXT COMMAND...
watches() { holds "\"watches\":$1," ask "$url/_test/state"; }
project() { printf '{"apiVersion":"example.sealyun.com/v1alpha1","kind":"Project","metadata":{"name":"%s"},"spec":{"replicas":1}}' "$1"; }
projects=/apis/example.sealyun.com/v1alpha1/namespaces/default/projects

refused() { # refused TEXT OPTION...: ends with an error that holds the text, and no token
  local text=$1 status=0
  shift
  timeout 20 "$program" --token secret-token "$@" >"$work/refusal" 2>&1 || status=$?
  [ "$status" != 0 ] && [ "$status" != 124 ] && grep -qF -- "$text" "$work/refusal" && ! grep -q secret-token "$work/refusal" ||
    { cat "$work/refusal" >&2; fail "$*: status $status"; }
  checks=$((checks + 1))
}
refused "Unknown option" --nonsense
refused "must be from 0 to 65535" --port 70000
refused "does not go with --plain" --plain --client-ca x
refused "the same token is given twice" --read-only-token secret-token
refused "printable ASCII without blanks" --denied-token "a b"
refused "No such file" --crd "$work/none.yaml"
refused "is no CustomResourceDefinition" --crd "$here/../crds/samples.yaml"
refused 'no matches for kind "Project"' --load "$here/../crds/samples.yaml"
printf 'a: [' >"$work/bad.yaml"
refused "line" --load "$work/bad.yaml"
refused "cannot be written" --kubeconfig-out "$work/none/kubeconfig"
refused "No such file" --client-ca "$work/none.crt"
refused "holds no certificate" --client-ca "$work/bad.yaml"

start --crd "$here/../crds/projects.yaml" --crd "$here/../crds/virtulmachines.yaml" --load "$here/../crds/samples.yaml"
check "one line is said" [ "$(wc -l <"$work/log")" = 1 ]
check "the kubeconfig is for its owner only" [ "$(stat -c %a "$work/kubeconfig")" = 600 ]
check "the kubeconfig is alone" [ "$(find "$work" -name 'kubeconfig*' | wc -l)" = 1 ]
check "it names the server and the token" grep -q "server: \"$url\"" "$work/kubeconfig"
check "it holds the token" grep -q 'token: "good-token"' "$work/kubeconfig"
check "HTTP/2 by ALPN" [ "$(ask --http2 -o /dev/null -w '%{http_version}' "$url/version")" = 2 ]
check "HTTP/1.1 by ALPN" [ "$(ask --http1.1 -o /dev/null -w '%{http_version}' "$url/version")" = 1.1 ]
check "the certificate holds localhost" ask -o /dev/null "${url/127.0.0.1/localhost}/version"
status=0
curl -sS --noproxy '*' "$url/version" 2>/dev/null || status=$?
check "an unknown CA is refused by the client" [ "$status" = 60 ]
check "HTTP to the TLS port is told so" holds "Client sent an HTTP request to an HTTPS server" curl -sS --noproxy '*' "${url/https/http}/version"
check "the sample is there" holds example-project ask "$url$projects"
refused "Address already in use" --port "${url##*:}"
token=reading-token check "a reader reads" holds example-project ask "$url$projects"
token=reading-token check "a reader does not write" holds '"code":403' ask -X DELETE "$url$projects/example-project"

# More requests on one connection than its HTTP/2 would forgive resets.
for number in {1..400}; do printf 'url = "%s"\noutput = "/dev/null"\n' "$url$projects/example-project"; done >"$work/requests"
check "400 requests over one connection" [ "$(ask --http2 --no-progress-meter -w '%{http_code} %{num_connects}\n' -K "$work/requests" | sort | uniq -c | tr -s ' ' | tr '\n' ,)" = " 399 200 0, 1 200 1," ]

for version in --http1.1 --http2; do
  head -c 3200000 /dev/zero | tr '\0' ' ' >"$work/big"
  check "a large body over $version" holds '"code":413' ask $version -H 'Content-Type: application/json' --data-binary "@$work/big" "$url$projects"
  truncate -s 3000000 "$work/big"
  check "a body below the limit over $version" holds '"code":400' ask $version -H 'Content-Type: application/json' --data-binary "@$work/big" "$url$projects"

  follow "$work/events" $version "$url$projects?watch=1&allowWatchBookmarks=true"
  within 10 "the watch over $version stands" watches 1
  name=p${version//[^0-9]/}
  check "a change" holds '"uid"' ask -H 'Content-Type: application/json' -d "$(project "$name")" "$url$projects"
  within 10 "the change is seen over $version" grep -q "\"ADDED\".*\"$name\"" "$work/events"
  kill $watcher
  within 10 "a watcher that went away over $version is forgotten" watches 0
  watcher=

  follow "$work/events" $version "$url$projects?watch=1"
  within 10 "the next watch over $version stands" watches 1
  ask -o /dev/null -X POST "$url/_test/drop-watches"
  wait $watcher || fail "a dropped watch over $version does not end well"
  watcher=
  within 10 "it is forgotten" watches 0
done

for _ in {1..50}; do follow "$work/many" "$url$projects?watch=1"; done
within 20 "fifty watches stand" watches 50
check "a change for all" holds '"uid"' ask -H 'Content-Type: application/json' -d "$(project for-all)" "$url$projects"
everybody() { [ "$(grep -c '"ADDED".*"for-all"' "$work/many")" = 50 ]; }
within 20 "all see it" everybody
stop TERM
for pid in $watcher; do wait "$pid" || true; done
watcher=

start --plain --crd "$here/../crds/projects-v1beta1.yaml" --host localhost
check "plain says http" [ "${url%%:*}" = http ]
check "plain has no CA" [ ! -s "$work/ca.crt" ]
check "plain serves the v1beta1 CRD" holds ProjectList curl -sS --noproxy '*' -H 'Authorization: Bearer good-token' "$url$projects"
stop INT
echo "$checks checks"
