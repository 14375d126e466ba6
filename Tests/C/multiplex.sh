#!/usr/bin/env bash
# Runs the C test "multiplex" behind nginx over https and HTTP/2, and reads from nginx's log that it was one connection.
# usage: multiplex.sh BIN; exit status 3 without nginx
set -euo pipefail
bin=$1
PATH=$PATH:/usr/sbin
command -v nginx >/dev/null || { echo "nginx is not installed (.ci/deps)"; exit 3; }
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-multiplex.XXXXXX")
server=
cleanup() {
  local status=$?
  trap - EXIT INT TERM
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  if ((status != 0)); then tail -n 20 "$work"/*.log >&2 || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
port=$(free_port) leaving=$(free_port) upstream=$(free_port)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 -days 2 2>/dev/null
user=
((EUID != 0)) || user='user root;'
cat >"$work/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $work/nginx.pid; error_log $work/error.log warn; $user
events { worker_connections 512; }
http {
  log_format one '\$connection \$server_protocol \$status \$request_method \$uri';
  access_log $work/access.log one;
  client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s;
  keepalive_requests 100000;
  server {
    listen 127.0.0.1:$port ssl http2;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    location /healthz { default_type text/plain; return 200 ok; }
    location / { proxy_pass http://127.0.0.1:$upstream; proxy_http_version 1.1; proxy_buffering off; }
  }
  server {
    listen 127.0.0.1:$leaving ssl http2;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    access_log $work/leaving.log one;
    keepalive_requests 5;
    location / { proxy_pass http://127.0.0.1:$upstream; proxy_http_version 1.1; proxy_buffering off; }
  }
}
CONF
nginx -c "$work/nginx.conf" -p "$work" >"$work/start.log" 2>&1 </dev/null &
server=$!
is_open() { (exec 5<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }
for _ in {1..100}; do
  if is_open; then break; fi
  sleep 0.1
done
is_open || { echo "nginx does not listen"; exit 1; }

# shellcheck disable=SC2086 # WRAP is words
timeout "$((120 * ${PATIENCE:-1}))" ${WRAP-} "$bin/multiplex" nginx "https://127.0.0.1:$port" "$work/cert.pem" "$upstream" \
  "https://127.0.0.1:$leaving"
lines=$(grep -c 'projects/a' "$work/access.log") connections=$(awk '{print $1}' <(grep 'GET /' "$work/access.log") | sort -u | wc -l)
versions=$(awk '{print $2}' <(grep 'GET /' "$work/access.log") | sort -u)
echo "nginx: $lines calls, $connections connection, $versions"
[[ $lines == 64 && $connections == 1 && $versions == HTTP/2.0 ]] || { echo "that is not 64 calls on one connection over HTTP/2"; exit 1; }
writes=$(grep -c 'write-' "$work/leaving.log") once=$(awk '{print $NF}' "$work/leaving.log" | sort -u | wc -l)
echo "nginx, going away: $writes writes arrived, of $once"
[[ $writes == 64 && $once == 64 ]] || { echo "that is not each write once"; exit 1; }
