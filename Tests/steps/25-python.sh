#!/usr/bin/env bash
# Python: the package's tests under each Python that is here, as strict as can be; mypy and pyright
# limit: 1200
set -euo pipefail
exec Tests/python.sh
