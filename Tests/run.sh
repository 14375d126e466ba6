#!/usr/bin/env bash
# Runs the steps of Tests/steps in order, each with a log of its own, and ends with the line "N passed, N failed".
#
#   Tests/run.sh [NAME...]     only the steps whose name holds one of these
#
# A step is a script; its second line is "# TITLE", a line "# limit: SECONDS" bounds it (default 900). Exit status 3: it
# cannot run on this machine, which is said loudly and is no failure. Logs: .build-release/logs.
set -u
cd "$(dirname "$0")/.." || exit 1
export KUBECR_TESTSERVER=1 STAGE=$PWD/.build-release/stage TESTS=$PWD/.build-release/tests JOBS=${JOBS:-$(nproc)}
export PKG_CONFIG_PATH=$STAGE/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
logs=$PWD/.build-release/logs
mkdir -p "$logs"

steps=()
for step in Tests/steps/*.sh; do
  [ $# -gt 0 ] || steps+=("$step")
  for name in "$@"; do
    if [[ $step == *"$name"* ]]; then
      steps+=("$step")
      break
    fi
  done
done
((${#steps[@]})) || { echo "no step has such a name: $*" >&2; exit 1; }

# The step runs in a process group of its own, so that ending it reaches all of it; real servers are stopped by real.sh.
running=
end_step() {
  [ -n "$running" ] || return 0
  kill -TERM -- "-$running" 2>/dev/null
  for _ in {1..200}; do
    kill -0 -- "-$running" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL -- "-$running" 2>/dev/null
}
trap end_step EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 skipped=() failures=()
for ((i = 0; i < ${#steps[@]}; i++)); do
  step=${steps[i]} name=$(basename "${steps[i]}" .sh)
  title=$(sed -n '2s/^# //p' "$step") limit=$(sed -n 's/^# limit: //p' "$step")
  log=$logs/$name.log began=$SECONDS said=$SECONDS status=
  printf '[%2d/%d] %s\n' $((i + 1)) ${#steps[@]} "$title"
  set -m
  bash "$step" >"$log" 2>&1 </dev/null &
  running=$!
  set +m
  while kill -0 "$running" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - said >= 30)); then
      said=$SECONDS
      printf '        %d s: %s\n' $((SECONDS - began)) "$(tail -c 2000 "$log" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c1-140)"
    fi
    if ((SECONDS - began > ${limit:-900})); then
      echo "run.sh: more than ${limit:-900} s; ended" >>"$log"
      end_step
      status=124
    fi
  done
  wait "$running" 2>/dev/null
  status=${status:-$?}
  running=
  case $status in
    0)
      passed=$((passed + 1))
      printf '        ok, %d s\n' $((SECONDS - began))
      sed -n 's/^figure: /        /p' "$log"
      ;;
    3)
      skipped+=("$title")
      printf '        SKIPPED, %d s: %s\n' $((SECONDS - began)) "$(tail -n 1 "$log")"
      ;;
    *)
      failed=$((failed + 1))
      failures+=("$title ($log)")
      printf '        FAILED with status %d after %d s; the end of %s:\n' "$status" $((SECONDS - began)) "${log#"$PWD/"}"
      tail -n 60 "$log" | sed 's/^/        | /'
      ;;
  esac
done

printf '\n%d steps in %d min %d s\n' ${#steps[@]} $((SECONDS / 60)) $((SECONDS % 60))
if ((${#skipped[@]})); then
  echo '****************************************************************'
  printf 'NOT RUN, because this machine cannot: %s\n' "${skipped[@]}"
  echo '****************************************************************'
fi
if ((failed)); then printf 'FAILED: %s\n' "${failures[@]#"$PWD/"}"; fi
echo "$passed passed, $failed failed"
((failed == 0))
