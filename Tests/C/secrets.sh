#!/usr/bin/env bash
# Runs a command whose C programs use the library, and searches all that the library told them - every log line at debug,
# every error, every kcr_config_json - and all that they printed for every secret of the configurations they used.
#
#   secrets.sh COMMAND...        also within real.sh: real.sh real-apiserver.sh secrets.sh COMMAND...
#
# Secrets are found in the options and kubeconfigs themselves and in the files these name; what a test makes itself it tells
# by uses_secret of check.h. Exit status: the command's, or 1 when a secret was seen (or nothing was recorded).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-secrets.XXXXXX")
child=
cleanup() {
  trap - EXIT INT TERM
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck disable=SC2046 # words
cc -std=c11 -Wall -Wextra -Werror -O1 -fPIC -shared $(pkg-config --cflags kubecr) -o "$work/record.so" "$here/record.c" -ldl -lpthread
export KUBECR_RECORD=$work/told KUBECR_GIVEN=$work/given KUBECR_SECRETS=$work/made
status=0
LD_PRELOAD=$work/record.so VERBOSE=1 "$@" >"$work/printed" 2>&1 &
child=$!
wait "$child" || status=$?
child=
cat "$work/printed"
"$here/secrets.py" "$work"
exit "$status"
