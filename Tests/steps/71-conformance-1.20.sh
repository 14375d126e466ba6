#!/usr/bin/env bash
# Conformance, contract and examples in C, Python and Swift: kube-apiserver 1.20.2
# limit: 1200
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh Tests/conformance/run.sh kube-apiserver-1.20
