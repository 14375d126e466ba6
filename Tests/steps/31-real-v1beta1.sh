#!/usr/bin/env bash
# kube-apiserver 1.20.2: the contract's programs, built by clang, with the v1beta1 CRD
set -euo pipefail
export PROJECTS_CRD=projects-v1beta1
exec Tests/C/real.sh real-apiserver.sh Tests/C/cluster_tests.sh "$TESTS/clang" contract
