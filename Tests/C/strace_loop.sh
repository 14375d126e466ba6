#!/usr/bin/env bash
# Runs the contract's loop.c under strace against the server that real.sh has started: external mode starts no thread and
# no process. usage: strace_loop.sh BIN
set -euo pipefail
bin=$1
trace=$(mktemp "${TMPDIR:-/tmp}/kubecr-strace.XXXXXX")
trap 'rm -f "$trace"' EXIT
for program in loop external; do
  case $program in
    loop) arguments=(--kubeconfig "$KUBECR_REAL_ADMIN_CERT") ;;
    # The one test of external.c that starts no thread of its own.
    external) arguments=("$KUBECR_REAL_ADMIN_CERT") && export CHECK_ONLY=without_a_thread ;;
  esac
  timeout 60 strace -f -e trace=clone,clone3,vfork,fork,execve -o "$trace" "$bin/$program" "${arguments[@]}"
  grep -q execve "$trace" || { echo "$program: strace saw nothing" >&2; exit 1; }
  if grep -E 'clone|fork' "$trace" >&2; then
    echo "$program: a thread or process was started" >&2
    exit 1
  fi
  echo "$program: no clone, clone3, fork or vfork"
done
