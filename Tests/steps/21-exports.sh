#!/usr/bin/env bash
# Release: exactly the declared symbols, the allowed libraries and size; the header alone; the installed files are usable
set -euo pipefail
shopt -s nullglob
[ -e "$STAGE/lib/libkubecr.so" ] || { echo "the library is not installed in the staging prefix"; exit 1; }
for script in Tests/C/check_exports.sh Tests/C/install_test.sh Tests/C/header_*.sh; do
  echo "--- $script"
  "$script" "$STAGE"
done
