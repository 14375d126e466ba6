#!/usr/bin/env bash
# What only a running kubecr-faultproxy can show: its command line, files, what it says, its end.
#
#   program.sh PROGRAM
set -euo pipefail
program=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-faultproxy.XXXXXX")
server='' proxy='' checks=0
cleanup() {
  trap - EXIT INT TERM
  for pid in $proxy $server; do kill "$pid" 2>/dev/null || true; done
  wait
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail() { echo "FAIL: $*" >&2; for file in "$work"/*.log; do sed "s,^,  $(basename "$file"): ," "$file" >&2; done; exit 1; }
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
ask() { curl -sS --noproxy '*' --max-time 20 "$@"; }
refused() { # refused STATUS TEXT OPTION...: ends with this status and an error that holds the text
  local wanted=$1 text=$2 status=0
  shift 2
  timeout 20 "$program" "$@" >"$work/refusal" 2>&1 || status=$?
  [ "$status" = "$wanted" ] && grep -qF -- "$text" "$work/refusal" || { cat "$work/refusal" >&2; fail "$*: status $status"; }
  checks=$((checks + 1))
}

refused 2 "--upstream or --kubeconfig is needed"
refused 2 "--nonsense is no option" --nonsense
refused 2 "--upstream needs a value" --upstream
refused 2 'is no HOST:PORT' --upstream localhost:70000
refused 2 'is no HOST:PORT' --upstream ::1:80
refused 2 "from 1 to 65535" --upstream localhost:0
refused 2 "is given twice" --upstream a:1 --upstream=b:2
refused 2 "must be a whole number" --upstream a:1 --seed x
refused 2 "from 1 to 100000" --upstream a:1 --max-connections 0
refused 2 "needs --kubeconfig" --upstream a:1 --kubeconfig-out x
refused 2 "No such file" --upstream 127.0.0.1:1 --script "$work/none"
refused 1 "no such file" --kubeconfig "$work/none"
refused 1 "name.invalid" --upstream name.invalid:1
printf '{"do":"reset"}\n\n{"do":"reset","afer":1}\n' >"$work/bad"
refused 2 "$work/bad: line 3: \"afer\"" --upstream 127.0.0.1:1 --script "$work/bad"
printf 'a: [' >"$work/bad.yaml"
refused 1 "$work/bad.yaml: " --kubeconfig "$work/bad.yaml"
check "--help says the options" grep -q -- '--kubeconfig-out FILE' <("$program" --help)

mkdir "$work/site"
head -c 300000 /dev/urandom >"$work/site/file"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/site" 0 >"$work/server.log" 2>&1 &
server=$!
serving() { grep -qs '^Serving HTTP on .* port' "$work/server.log"; }
within 20 "the server is there" serving
port=$(sed -n 's/^Serving HTTP on .* port \([0-9]*\).*/\1/p' "$work/server.log")
cat >"$work/kubeconfig" <<END
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "http://localhost:$port/prefix", certificate-authority: ca.crt}}]
users: [{name: u, user: {token: secret}}]
END
start() {
  "$program" --control 0 "$@" >"$work/out.log" 2>"$work/err.log" &
  proxy=$!
  listening() { grep -qs '^listening on ' "$work/out.log" || { kill -0 "$proxy" 2>/dev/null || fail "the proxy has ended"; false; }; }
  within 20 "listening" listening
  control=$(sed -n 's/^control on //p' "$work/out.log") url=http://$(sed -n 's/^listening on //p' "$work/out.log")
}
stop() { # stop SIGNAL: with status 0, and soon
  local status=0
  kill -"$1" "$proxy"
  gone() { ! kill -0 "$proxy" 2>/dev/null; }
  within 5 "the end after SIG$1" gone
  wait "$proxy" || status=$?
  proxy=
  check "the end after SIG$1 has status $status" [ "$status" = 0 ]
}

echo '{"connection": 2, "after": 1000, "do": "reset"}' >"$work/script"
start --kubeconfig "$work/kubeconfig" --kubeconfig-out "$work/copy" --script "$work/script"
check "the copy is for its owner only" [ "$(stat -c %a "$work/copy")" = 600 ]
check "the copy names the proxy" grep -qF "\"server\":\"$url/prefix\"" "$work/copy"
check "the copy keeps the token" grep -qF '"token":"secret"' "$work/copy"
check "its paths are whole" grep -qF "\"certificate-authority\":\"$(cd "$work" && pwd -P)/ca.crt\"" "$work/copy"
check "the first connection is well" cmp -s "$work/site/file" <(ask "$url/file")
status=0
ask "$url/file" >"$work/part" 2>/dev/null || status=$?
check "the second is reset (curl: $status)" [ "$status" = 56 ]
check "it is said" grep -qx 'connection 2: rule 1: reset after 1000 bytes toClient' "$work/err.log"
check "the third is well" cmp -s "$work/site/file" <(ask "$url/file")
check "a body of more than a megabyte is refused" grep -q '"error"' <(head -c 2000000 /dev/zero | ask -X PUT --data-binary @- "$control/rules")
check "one that a curl asks about first is taken" grep -q '"fired":0' <({ echo '{"do":"corrupt","after":5000}'; head -c 900000 /dev/zero | tr '\0' '\n'; } |
  ask -X PUT -H 'Expect: 100-continue' --data-binary @- "$control/rules")
ask "$url/file" >"$work/part"
check "one byte is another" [ "$(cmp -l "$work/site/file" "$work/part" | wc -l)" = 1 ]
ask -X PUT -d '{"do":"split","bytes":7}' "$control/rules" >/dev/null
check "split changes nothing of the content" cmp -s "$work/site/file" <(ask "$url/file")
ask -X DELETE "$control/rules" >/dev/null

descriptors() { find "/proc/$proxy/fd" -mindepth 1 | wc -l; }
before=$(descriptors)
ask -X PUT -d '[{"do":"reset","every":2,"after":[0,100000]},{"do":"blackhole","every":5},{"do":"refuse","every":7}]' "$control/rules" >/dev/null
for _ in {1..60}; do curl -sS --noproxy '*' --max-time 0.2 -o /dev/null "$url/file" 2>/dev/null || true; done
closed() { [ "$(ask "$control/connections")" = '[]' ]; }
within 10 "nothing is left open" closed
back() { [ "$(descriptors)" -le "$((before + 1))" ]; }
within 10 "the descriptors are back" back
refused 1 "Address already in use" --upstream 127.0.0.1:1 --listen "${url##*:}"
stop TERM

start --upstream "127.0.0.1:$port" --listen 0 --quiet --script <(printf '[{"do":"refuse","times":1}]')
check "a refused connection" [ "$(ask "$url/file" 2>/dev/null | wc -c)" = 0 ]
check "quiet says nothing" [ ! -s "$work/err.log" ]
stop INT
echo "$checks checks"
