#!/usr/bin/env bash
# What the last runs of run.sh have shown: counts by server and language, every skip, what only the test server proved, and which
# options of the library no case asks for. Fails if there is nothing to sum up, if a run had failures, or for such an option.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root/.build-release/conformance" 2>/dev/null || { echo "summary.sh: nothing has run yet" >&2; exit 1; }
shopt -s nullglob

results() { # results KIND FILE...: the names of the cases that were reported so
  local kind=$1
  shift
  [ $# -gt 0 ] || return 0
  sed -n "s/^$kind \([^:]*\).*/\1/p" "$@"
}

runs=(*.c *.python *.swift)
((${#runs[@]})) || { echo "summary.sh: nothing has run yet" >&2; exit 1; }
failures=0
for run in "${runs[@]}"; do
  printf 'figure: %-22s %-7s %3d ok, %2d skipped, %d failed\n' "${run%.*}" "${run##*.}" "$(results ok "$run" | wc -l)" "$(results skip "$run" | wc -l)" \
    "$(results FAIL "$run" | wc -l)"
  failures=$((failures + $(results FAIL "$run" | wc -l)))
done
for run in *.programs; do
  printf 'figure: %-22s contract programs and examples: %d ok, %d failed\n' "${run%.*}" "$(grep -c '^ok ' "$run" || true)" "$(grep -c '^FAIL ' "$run" || true)"
  failures=$((failures + $(grep -c '^FAIL ' "$run" || true)))
done

for server in testserver kube-apiserver-1.20 crd-0.36; do
  for language in c python swift; do [ -e "$server.$language" ] || echo "figure: $server in $language: NOT RUN"; done
done

echo
echo "Skipped:"
grep -H '^skip ' "${runs[@]}" | sed 's/\([^:]*\)\.\([a-z]*\):skip \([^:]*\): \(.*\)/\3: \4 (\1)/' | sort -u | sed 's/^/  /' || echo "  nothing"

# A case that a real server has proved in any language is proved; what is left, the double alone has said.
double=(testserver.{c,python,swift}) real=()
for run in "${runs[@]}"; do [[ $run == testserver.* ]] || real+=("$run"); done
only=$(comm -23 <(results ok "${double[@]}" 2>/dev/null | sort -u) <(results ok "${real[@]}" | sort -u))
echo
echo "Proved by the test server only:"
sed 's/^/  /' <<<"${only:-nothing}"
echo "figure: proved by the test server only: $(tr '\n' ' ' <<<"${only:-nothing}")"

# Every key that a verb's options are read for stands in a case of the C driver.
unasked=
for key in $(sed -n 's/.*\(reader\|inner\)\.[a-z]*("\([A-Za-z]*\)".*/\2/p' "$root/Sources/KubeClient/Calls/VerbOptions.swift" | sort -u); do
  grep -q "\\\\\"$key\\\\\"" "$root"/Tests/conformance/c/*.c || unasked+=" $key"
done
echo "figure: options that no case asks for:${unasked:- none}"
[ -z "$unasked" ] || failures=$((failures + 1))
((failures == 0))
