#!/usr/bin/env bash
# kube-apiserver 1.20.2: GOAWAY for one request in fifty, and 429 for most, under sixteen threads: nothing lost, nothing done twice
# limit: 1200
set -euo pipefail
KUBECR_APISERVER_FLAGS="--goaway-chance 0.02" Tests/C/real.sh real-apiserver.sh "$TESTS/gcc/overload" goaway 100
export KUBECR_APISERVER_FLAGS="--enable-priority-and-fairness=false --max-requests-inflight 3 --max-mutating-requests-inflight 2"
exec Tests/C/real.sh real-apiserver.sh "$TESTS/gcc/overload" inflight 20
