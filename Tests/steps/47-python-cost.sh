#!/usr/bin/env bash
# Python: import time and memory after the first call, beside bare Python and the PyPI clients; within the budgets
set -euo pipefail
# shellcheck disable=SC2016 # the variable is that of testserver.sh
exec Tests/C/testserver.sh bash -c 'bench/python/cost.sh "$KUBECR_REAL_ADMIN_TOKEN"'
