#!/usr/bin/env bash
# kubecr-testserver: options, files, TLS, HTTP/2 and HTTP/1.1, watchers that go away, its end
set -euo pipefail
make testserver
exec Tests/testserver/program.sh .build/debug/kubecr-testserver
