#!/usr/bin/env bash
# Fault 108: an informer behind kubecr-faultproxy, with random faults, writes, restarts and compactions, until the time is over.
#
#   soak.sh MINUTES SEED [real-apiserver.sh|crd-apiserver.sh]
#
# At each quiet point the informer must become equal to the server. At the end its CRD is deleted and made again, and memory and
# descriptors of the program and of the proxy must be flat. BIN: the C tests' folder; FAULTPROXY: the program. The seed decides what is
# done; when, the machine does. Exit status 3 when the server cannot be had on this machine.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { sed -n '2,/^set -/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
minutes=$1 seed=$2
KUBECR_REAL_SCRIPT=$here/real-apiserver/${3-real-apiserver.sh}
bin=${BIN:-${TESTS:-$here/../.build-release/tests}/gcc} faultproxy=${FAULTPROXY:-$here/../.build/debug/kubecr-faultproxy}
ns_name=soak-$$ RANDOM=$seed
export KUBECR_APISERVER_FLAGS="--etcd-compaction-interval=15s --min-request-timeout=20"

"$KUBECR_REAL_SCRIPT" build
# shellcheck source=C/cluster.sh
source "$here/C/cluster.sh"
# shellcheck source=faultproxy/behind.sh
source "$here/faultproxy/behind.sh"
cleanup() { # keeps the status for behind_cleanup
  local status=$?
  "$KUBECR_REAL_SCRIPT" stop "$behind_work/server"
  [ "$status" = 0 ] || echo "soak.sh: seed $seed" >&2
  return "$status"
}
trap 'set +e; cleanup; behind_cleanup' EXIT

start() { # start PORT: with the data of the last time
  local lines
  lines=$("$KUBECR_REAL_SCRIPT" start "$behind_work/server" "$1" 3>&- 4<&-)
  eval "$lines"
}
crash() { # the pid files are the server script's own, so these are our processes
  local name
  for name in "$@"; do kill -9 "$(<"$behind_work/server/$name.pid")" 2>/dev/null || true; done
  KUBECR_KEEP=1 "$KUBECR_REAL_SCRIPT" stop "$behind_work/server"
}
# Sets "picked". Not by output: a subshell draws from another RANDOM.
pick() {
  local all=("$@")
  picked=${all[RANDOM % $#]}
}

start 0
port=$(<"$behind_work/server/port")
apply_crds
behind_proxy_start "$seed"
behind_program_start '{"qps": 0, "idleMs": 3000, "timeoutMs": 6000, "connectTimeoutMs": 3000}'
for i in {1..50}; do create "s-$i"; done

some_writes() { # what is not there, or there already, is refused: that is fine
  local i name
  for i in {1..8}; do
    name=s-$((RANDOM % 150))
    case $((RANDOM % 4)) in
      0) create "$name" ;;
      1) delete "$name" ;;
      *) change "$name" $((RANDOM % 1000)) ;;
    esac 2>/dev/null || true
  done
}
some_rules() { # sets "picked"
  local after every bytes rate ms=$((RANDOM % 5000 + 1))
  pick 100 3000 10000 60000; after="[0,$picked]"
  pick 1 1 2 3; every=$picked
  pick 1 2 100; bytes=$picked
  pick 5000 50000; rate=$picked
  pick "{\"do\":\"reset\",\"after\":$after,\"every\":$every}" "{\"do\":\"truncate\",\"after\":$after,\"every\":$every}" \
    "{\"do\":\"close\",\"after\":$after,\"every\":$every}" "{\"do\":\"stall\",\"after\":$after,\"every\":$every}" \
    "{\"do\":\"stall\",\"after\":$after,\"ms\":$ms,\"direction\":\"both\"}" "{\"do\":\"blackhole\",\"after\":$after,\"every\":$every}" \
    "{\"do\":\"split\",\"bytes\":$bytes}" "{\"do\":\"slow\",\"bytesPerSecond\":$rate,\"direction\":\"both\"}" \
    "{\"do\":\"corrupt\",\"after\":$after}" "{\"do\":\"drop\",\"bytes\":3,\"after\":$after}" "{\"do\":\"refuse\",\"every\":$every}"
}

rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
samples=()
settled() { [ "$(control GET /connections | grep -o '"connection"' | wc -l)" -le 2 ]; }
quiet_point() { # quiet_point WHAT
  control DELETE /rules >/dev/null
  converge "$1"
  within 60 "old connections are gone" settled
  samples+=("$(rss $behind_program) $(descriptors $behind_program) $(rss $behind_proxy) $(descriptors $behind_proxy)")
  echo "  program: $(rss $behind_program) KB, $(descriptors $behind_program) descriptors; proxy: $(rss $behind_proxy) KB, $(descriptors $behind_proxy) descriptors"
}
quiet_point "at the start"

deadline=$((SECONDS + minutes * 60)) rounds=0 restarts=0
while ((SECONDS < deadline)); do
  rounds=$((rounds + 1))
  for _ in {1..4}; do
    some_rules
    rules "$picked"
    [ $((RANDOM % 2)) = 0 ] || control POST /reset >/dev/null
    some_writes
    pick 0.5 1 2
    sleep "$picked"
  done
  if ((rounds % 3 == 0)); then
    restarts=$((restarts + 1))
    pick kube-apiserver "kube-apiserver etcd"
    # shellcheck disable=SC2086 # one or two words
    crash $picked
    pick 0 1 3
    sleep "$picked"
    start "$port"
    within 60 "projects served" served
  fi
  quiet_point "round $rounds, $((deadline - SECONDS)) s to go"
done

# The world ends and begins again: the objects of the old one must go.
admin DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/projects.example.sealyun.com >/dev/null
unknown() { ! admin GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/projects.example.sealyun.com; }
within 60 "the CRD is gone" unknown
admin DELETE /apis/apiextensions.k8s.io/v1/customresourcedefinitions/virtulmachines.infra.sealyun.com >/dev/null
unknown_too() { ! admin GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/virtulmachines.infra.sealyun.com; }
within 60 "the other CRD is gone" unknown_too
apply_crds
for i in {1..5}; do create "new-$i"; done
quiet_point "a new CRD"

# Flat: the last quarter's least is not above what the first quarter's most allows.
flat() { # flat WHAT FIELD SLACK-PERCENT SLACK
  printf '%s\n' "${samples[@]}" | awk -v what="$1" -v field="$2" -v percent="$3" -v slack="$4" '
    { value[NR] = $field }
    END {
      quarter = int(NR / 4) > 1 ? int(NR / 4) : 2
      for (i = 1; i <= quarter && i <= NR; i++) if (value[i] > first) first = value[i]
      last = value[NR]
      for (i = NR - quarter + 1; i <= NR; i++) if (i >= 1 && value[i] < last) last = value[i]
      limit = first * (1 + percent / 100) + slack
      printf "%s: at most %d at first, %d at last\n", what, first, last
      exit last > limit
    }' || { echo "$1 is not flat" >&2; return 1; }
}
flat "the program's memory in KB" 1 10 1024
flat "the program's descriptors" 2 0 2
flat "the proxy's memory in KB" 3 10 2048
flat "the proxy's descriptors" 4 0 4
behind_program_end
behind_proxy_end
echo "figure: $minutes min, seed $seed: store equal at ${#samples[@]} quiet points, memory and descriptors flat; $rounds rounds, $restarts restarts"
