#!/usr/bin/env bash
# Conformance: what was proved where
set -euo pipefail
exec Tests/conformance/summary.sh
