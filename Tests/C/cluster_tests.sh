#!/usr/bin/env bash
# Runs the C tests and the contract's programs against the server that real.sh has started. Says one line for each.
#
#   cluster_tests.sh BIN [GROUP...]       groups: contract, tests (both without any), threads
#
# WRAP is put before each command (valgrind and its options); PATIENCE multiplies the time limits.
set -euo pipefail
bin=$1
shift
[ $# -gt 0 ] || set -- contract tests
: "${KUBECR_REAL_SERVER:?run through real.sh}"
passed=0 failed=0
log=$(mktemp "${TMPDIR:-/tmp}/kubecr-cluster.XXXXXX")
trap 'rm -f "$log"' EXIT

# try NAME SECONDS COMMAND...: one line, and everything it said if it failed.
try() {
  local name=$1 limit=$(($2 * ${PATIENCE:-1})) status=0 began=$SECONDS
  shift 2
  # shellcheck disable=SC2086 # WRAP is words
  timeout -k 5 "$limit" ${WRAP-} "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status == 0)); then
    passed=$((passed + 1))
    echo "  ok   $name ($((SECONDS - began)) s)"
    if [ -n "${VERBOSE-}" ]; then sed 's/^/         /' "$log"; fi
  else
    failed=$((failed + 1))
    echo "  FAIL $name: status $status$( ((status == 124 || status == 137)) && echo " (time limit of $limit s)") after $((SECONDS - began)) s"
    sed 's/^/         /' "$log"
  fi
}

contract() {
  local who
  for who in CERT TOKEN FILES; do
    local file=KUBECR_REAL_ADMIN_$who
    try "agent, administrator by ${who,,}" 30 "$bin/agent" --kubeconfig "${!file}" --seconds 1
    try "loop, administrator by ${who,,}" 40 "$bin/loop" --kubeconfig "${!file}"
  done
  try "agent of one node" 30 "$bin/agent" --kubeconfig "$KUBECR_REAL_READONLY" --node node-1 --seconds 1
}

tests() {
  try "object" 60 "$bin/object"
  try "manifest" 60 "$bin/manifest"
  try "bad_input" 60 "$bin/bad_input"
  try "servers" 60 "$bin/servers"
  try "limits" 120 "$bin/limits"
  try "hostile" 120 "$bin/hostile"
  try "rest" 60 "$bin/rest"
  try "cancel" 120 "$bin/cancel"
  try "process" 120 "$bin/process"
  try "failures" 90 "$bin/failures"
  try "crud, by certificate" 120 "$bin/crud" "$KUBECR_REAL_ADMIN_CERT"
  try "crud, by token" 120 "$bin/crud" "$KUBECR_REAL_ADMIN_TOKEN"
  try "options" 60 "$bin/options" "$KUBECR_REAL_ADMIN_CERT"
  local name
  for name in discover apply watch informer external; do try "$name" 120 "$bin/$name" "$KUBECR_REAL_ADMIN_CERT"; done
  try "exec" 120 "$bin/exec"
  # A child gives up libcurl's memory on purpose: a word of TLS from it would break the parent's connections.
  WRAP="${WRAP:+$WRAP --leak-check=no}" ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
    try "fork" 120 "$bin/fork" "$KUBECR_REAL_ADMIN_CERT"
  threads
}

threads() { try "threads" 60 "$bin/threads" "$KUBECR_REAL_ADMIN_TOKEN" 3; }

for group in "$@"; do "$group"; done
echo "  $passed passed, $failed failed"
((failed == 0))
