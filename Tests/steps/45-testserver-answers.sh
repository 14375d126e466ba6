#!/usr/bin/env bash
# kubecr-testserver: answers as the CRD server 0.36 does, word for word
set -euo pipefail
answers=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-answers.XXXXXX")
trap 'rm -rf "$answers"' EXIT
Tests/C/real.sh crd-apiserver.sh python3 Tests/testserver/ask.py >"$answers/real"
Tests/C/testserver.sh python3 Tests/testserver/ask.py >"$answers/ours"
diff -U2 "$answers/real" "$answers/ours"
echo "figure: $(grep -c '^--- ' "$answers/ours") answers are the same"
