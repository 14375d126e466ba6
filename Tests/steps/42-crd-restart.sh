#!/usr/bin/env bash
# CRD server 0.36: killed and restarted under a running informer
set -euo pipefail
exec Tests/C/restart.sh crd-apiserver.sh "$TESTS/gcc"
