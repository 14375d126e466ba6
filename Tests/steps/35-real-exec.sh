#!/usr/bin/env bash
# kube-apiserver 1.20.2: exec plugins (tokens, certificates, expiry, bad ones) and impersonation against RBAC
# limit: 600
set -euo pipefail
exec Tests/C/real.sh real-apiserver.sh "$TESTS/gcc/exec"
