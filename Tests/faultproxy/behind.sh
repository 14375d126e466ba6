# Shell functions: the program Tests/C/restart behind a kubecr-faultproxy, told what to do and asked how it is. Sourced, not run.
# Needs cluster.sh, KUBECR_REAL_*, and: bin (the C tests' folder), faultproxy (the program), ns_name (a namespace of its own).
# shellcheck shell=bash
: "${bin:?}" "${faultproxy:?}" "${here:?}"

behind_work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-behind.XXXXXX")
behind_program='' behind_proxy=''
behind_cleanup() {
  local status=$?
  trap - EXIT INT TERM
  if ((status != 0)); then
    tail -n 100 "$behind_work/proxy.log" "$behind_work/log" >&2 || true
  fi
  for pid in $behind_program $behind_proxy; do kill "$pid" 2>/dev/null || true; done
  cat "$behind_work/err" >&2 || true # empty when all is well
  rm -rf "$behind_work"
}
trap behind_cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

projects() { echo "$group/namespaces/$ns_name/projects"; }
create() { admin POST "$(projects)" "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"$1\"},\"spec\":{\"replicas\":1}}" >/dev/null; }
change() { content_type=application/merge-patch+json admin PATCH "$(projects)/$1" "{\"spec\":{\"replicas\":$2}}" >/dev/null; }
delete() { admin DELETE "$(projects)/$1" >/dev/null; }

control() { curl -sS --fail-with-body --noproxy '*' --max-time 20 -X "$1" "${@:3}" "$behind_control$2"; } # control METHOD PATH [CURL-OPTION...]
rules() { control PUT /rules --data-binary "$1" >/dev/null; }

behind_proxy_start() { # behind_proxy_start [SEED]
  admin POST /api/v1/namespaces "{\"metadata\":{\"name\":\"$ns_name\"}}" >/dev/null 2>&1 || true # the CRD server has none
  "$faultproxy" --control 0 --seed "${1-1}" --kubeconfig "$KUBECR_REAL_ADMIN_CERT" --kubeconfig-out "$behind_work/kubeconfig" \
    >"$behind_work/out.log" 2>"$behind_work/proxy.log" &
  behind_proxy=$!
  within 20 "the proxy listens" grep -q '^listening on ' "$behind_work/out.log"
  behind_control=$(sed -n 's/^control on //p' "$behind_work/out.log")
  touch "$behind_work/err"
  mkfifo "$behind_work/in" "$behind_work/answers"
}

behind_program_start() { # behind_program_start CLIENT-OPTIONS
  "$bin/restart" "$behind_work/kubeconfig" "$ns_name" "$behind_work/log" "$KUBECR_REAL_ADMIN_CERT" "$1" \
    <"$behind_work/in" >"$behind_work/answers" 2>>"$behind_work/err" &
  behind_program=$!
  exec 3>"$behind_work/in" 4<"$behind_work/answers"
}

converge() { # converge WHAT: waits for the program's answer
  local line
  echo converge >&3
  IFS= read -r -t 200 line <&4 || { echo "$1: no answer" >&2; return 1; }
  echo "$1: $line"
  [[ $line == equal* ]]
}

behind_program_end() {
  local line
  echo end >&3
  IFS= read -r -t 200 line <&4 || true
  cat <&4 # the program's last words
  wait "$behind_program"
  behind_program=
  exec 3>&- 4<&-
}

behind_proxy_end() {
  echo "the proxy: $(control GET /stats)"
  kill "$behind_proxy"
  wait "$behind_proxy"
  behind_proxy=
}
