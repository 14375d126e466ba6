#!/usr/bin/env bash
# kube-apiserver 1.20.2: killed and restarted under a running informer, at last with another authority
# limit: 1200
set -euo pipefail
exec Tests/C/restart.sh real-apiserver.sh "$TESTS/gcc"
