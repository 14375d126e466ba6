#!/usr/bin/env bash
# Starts proxies of every kind on the loopback, with and without password, and runs the C test "proxies" through them.
# usage: proxies.sh BIN, inside real.sh; WRAP as for cluster_tests.sh. Exit status 3 where the proxies' programs are not installed.
set -euo pipefail
bin=$1
: "${KUBECR_REAL_DIR:?run through real.sh}"
for program in tinyproxy microsocks stunnel4; do
  command -v "$program" >/dev/null || { echo "$program is not installed (.ci/deps)"; exit 3; }
done
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-proxies.XXXXXX")
pids=()
cleanup() {
  local status=$?
  trap - EXIT INT TERM
  ((${#pids[@]} == 0)) || kill -9 "${pids[@]}" 2>/dev/null || true
  if ((status != 0)); then tail -n 20 "$work"/*.log >&2 || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

login=user:s3cr3t-proxy
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
run() { # run NAME COMMAND...
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  pids+=($!)
  disown # its end is not worth a line
}
is_open() { (exec 5<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
declare -A port
for name in http http_login https https_login socks socks_login; do port[$name]=$(free_port); done

for kind in "" _login; do
  {
    printf 'Port %s\nListen 127.0.0.1\nTimeout 600\nLogLevel Connect\nMaxClients 50\n' "${port[http$kind]}"
    [ -z "$kind" ] || printf 'BasicAuth %s\n' "${login/:/ }"
  } >"$work/http$kind.conf"
  run "http$kind" tinyproxy -d -c "$work/http$kind.conf"
  printf 'foreground = yes\npid =\n[proxy]\naccept = 127.0.0.1:%s\nconnect = 127.0.0.1:%s\ncert = %s\nkey = %s\n' \
    "${port[https$kind]}" "${port[http$kind]}" "$KUBECR_REAL_DIR/pki/server.crt" "$KUBECR_REAL_DIR/pki/server.key" >"$work/https$kind.conf"
  run "https$kind" stunnel4 "$work/https$kind.conf"
done
run socks microsocks -i 127.0.0.1 -p "${port[socks]}"
run socks_login microsocks -i 127.0.0.1 -p "${port[socks_login]}" -u "${login%:*}" -P "${login#*:}"
for name in "${!port[@]}"; do
  for _ in {1..100}; do
    if is_open "${port[$name]}"; then break; fi
    sleep 0.1
  done
  is_open "${port[$name]}" || { echo "$name does not listen"; exit 1; }
done

# shellcheck disable=SC2086 # WRAP is words
timeout "$((120 * ${PATIENCE:-1}))" ${WRAP-} "$bin/proxies" "$KUBECR_REAL_ADMIN_CERT" \
  "http://127.0.0.1:${port[http]}" "http://$login@127.0.0.1:${port[http_login]}" \
  "https://127.0.0.1:${port[https]}" "https://$login@127.0.0.1:${port[https_login]}" \
  "socks5://127.0.0.1:${port[socks]}" "socks5://$login@127.0.0.1:${port[socks_login]}"

# Each of them was really asked.
server=${KUBECR_REAL_SERVER#https://}
for name in http http_login; do grep -q "CONNECT $server" "$work/$name.log" || { echo "nothing went through $name"; exit 1; }; done
for name in https https_login; do grep -q 'accepted connection' "$work/$name.log" || { echo "nothing went through $name"; exit 1; }; done
for name in socks socks_login; do grep -q "connected to ${server%:*}" "$work/$name.log" || { echo "nothing went through $name"; exit 1; }; done
