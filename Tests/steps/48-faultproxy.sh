#!/usr/bin/env bash
# kubecr-faultproxy: its command line and its end; an informer behind it, through each fault, against kubecr-testserver and kube-apiserver 1.20.2
# limit: 1800
set -euo pipefail
make faultproxy
Tests/faultproxy/program.sh .build/debug/kubecr-faultproxy
Tests/C/testserver.sh Tests/faultproxy/faults.sh "$TESTS/gcc" .build/debug/kubecr-faultproxy
exec Tests/C/real.sh real-apiserver.sh Tests/faultproxy/faults.sh "$TESTS/gcc" .build/debug/kubecr-faultproxy
