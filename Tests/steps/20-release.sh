#!/usr/bin/env bash
# Release: libkubecr.so, self-contained, installed into a staging prefix
# limit: 1800
set -euo pipefail
make release
rm -rf "$STAGE"
make install PREFIX="$STAGE" DESTDIR=
ls -lR "$STAGE"
echo "figure: $(stat -Lc %s "$STAGE/lib/libkubecr.so") bytes"
