#!/usr/bin/env bash
# kube-apiserver 1.20.2: through http, https and socks5 proxies; certificates that change under an informer
# limit: 1200
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh bash -euc '
  Tests/C/proxies.sh "$TESTS/gcc"
  Tests/C/rotation.sh "$TESTS/gcc"'
