#!/usr/bin/env bash
# CRD server 0.36: killed and restarted under a running informer, at last with another authority
# limit: 1200
set -euo pipefail
exec Tests/C/restart.sh crd-apiserver.sh "$TESTS/gcc"
