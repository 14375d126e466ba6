#!/usr/bin/env bash
# ThreadSanitizer: the contract's programs and the C tests, on kube-apiserver 1.20.2
# limit: 1800
set -euo pipefail
exec Tests/C/sanitized.sh thread contract tests
