#!/usr/bin/env bash
# Runs the C test "compression" against gzip_server.py. usage: compression.sh BIN; WRAP as for
# cluster_tests.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
coproc SERVER { exec python3 "$here/gzip_server.py"; }
trap 'kill "$SERVER_PID" 2>/dev/null || true' EXIT
read -r -t 20 port <&"${SERVER[0]}"
# shellcheck disable=SC2086 # WRAP is words
timeout "$((120 * ${PATIENCE:-1}))" ${WRAP-} "$1/compression" "$port"
