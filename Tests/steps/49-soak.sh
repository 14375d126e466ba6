#!/usr/bin/env bash
# Two minutes of random faults, restarts and compactions between an informer and kube-apiserver 1.20.2
# limit: 1200
set -euo pipefail
make faultproxy
exec Tests/soak.sh 2 "${SOAK_SEED:-1}" real-apiserver.sh
