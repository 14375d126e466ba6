#!/usr/bin/env bash
# Leaves main 200 times with watches over https running, at moments spread over the first 80 ms and after the first list.
# Then 60 times when all is freed, with threads that end slowly and a heap that looks closely. Each run must end with status 0 within 5 s.
# Runs within real.sh: exit.sh BIN [TIMES].
set -euo pipefail
bin=$1 times=${2:-200} bad=0 slowest=0
for ((i = 0; i < times; i++)); do
  if ((i % 5 == 4)); then moment=-1; else moment=$((i * 400)); fi
  began=${EPOCHREALTIME/./} status=0
  timeout -s KILL 5 "$bin/exit" "$KUBECR_REAL_ADMIN_CERT" "$moment" || status=$?
  took=$(((${EPOCHREALTIME/./} - began) / 1000))
  if ((took > slowest)); then slowest=$took; fi
  if ((status != 0)); then
    bad=$((bad + 1))
    echo "run $i, leaving after $moment us: status $status after $took ms" >&2
  fi
done
for ((i = 0; i < 60; i++)); do
  status=0
  LD_PRELOAD=$bin/slow_ends.so SLOW_ENDS=$((100 + i * 20)) GLIBC_TUNABLES=glibc.malloc.tcache_count=0 \
    timeout -s KILL 5 "$bin/exit" "$KUBECR_REAL_ADMIN_CERT" -2 || status=$?
  if ((status != 0)); then
    bad=$((bad + 1))
    echo "leaving when all is freed, threads end $((100 + i * 20)) us late: status $status" >&2
  fi
done
echo "$times runs, $bad bad, the slowest took $slowest ms"
((bad == 0))
