#!/usr/bin/env bash
# Runs all that is the same in each language against one server: the drivers of the conformance suite, the contract's programs,
# the examples. README.md tells what a case is.
#
#   run.sh testserver | kube-apiserver-1.20 | crd-0.36      inside of Tests/C/testserver.sh or Tests/C/real.sh
#   run.sh kubeconfig                                       the server of $KUBECONFIG
#
# LANGUAGES ("c python swift") says which must be there. Results: RESULTS (.build-release/conformance)/SERVER.LANGUAGE, one line a
# case, and SERVER.programs. Lines that begin with "figure:" sum up.
set -euo pipefail
cd "$(dirname "$0")/../.."
server=${1:?usage: run.sh SERVER}
languages=${LANGUAGES:-c python swift}
STAGE=${STAGE:-$PWD/.build-release/stage} TESTS=${TESTS:-$PWD/.build-release/tests}
export PYTHONPATH=$PWD/bindings/python KUBECR_LIBRARY=$STAGE/lib/libkubecr.so.0 KUBECR_CASES=$PWD/Tests/conformance/cases.txt
results=${RESULTS:-$PWD/.build-release/conformance}
mkdir -p "$results"
work=$(mktemp -d "${TMPDIR:-/tmp}/kubecr-conformance.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What the server must be found to be able to do; "" for any server.
case $server in
  testserver) expected="core readonly denied wrong-token selectable-fields field-validation field-ownership full-delete impersonation control" ;;
  kube-apiserver-1.20) expected="core strategic-patch readonly denied wrong-token field-ownership pods full-delete any-content impersonation v1beta1-crd" ;;
  crd-0.36) expected="readonly denied wrong-token selectable-fields field-validation field-ownership full-delete any-content impersonation" ;;
  kubeconfig) expected= ;;
  *) echo "run.sh: no such server: $server" >&2; exit 2 ;;
esac
if [ "$server" = kubeconfig ]; then
  : "${KUBECONFIG:?names no kubeconfig}"
else
  export KUBECONFIG=${KUBECR_REAL_ADMIN_CERT:?run through real.sh or testserver.sh}
  export KUBECR_READONLY=$KUBECR_REAL_READONLY KUBECR_DENIED=$KUBECR_REAL_DENIED KUBECR_WRONG_TOKEN=$work/wrong-token.kubeconfig
  sed 's/\<token: *[^ ,}]*/token: kubecr-wrong-token/' "$KUBECR_DENIED" >"$KUBECR_WRONG_TOKEN"
fi
KUBECR_CAPABILITIES=$("$TESTS/gcc/conformance" --capabilities)
export KUBECR_CAPABILITIES=${KUBECR_CAPABILITIES% }
echo "$server: $KUBECR_CAPABILITIES"
[ -z "$expected" ] || [ "$expected" = "$KUBECR_CAPABILITIES" ] || { echo "run.sh: $server should be: $expected" >&2; exit 1; }

python=(python3 -X dev -W error)
swift_bin=.build/debug swift_examples=examples/swift/.build/debug
failed=0

driver() {
  case $1 in
    c) "$TESTS/gcc/conformance" ;;
    python) "${python[@]}" Tests/conformance/conformance.py ;;
    swift) "$swift_bin/conformance-swift" ;;
  esac
}

# cases_of LANGUAGE: the names that its driver must report.
cases_of() {
  awk -F' *[|] *' -v language="$1" '!/^#/ && NF >= 4 && (" " $3 " ") ~ (" " language " ") { print $1 }' Tests/conformance/cases.txt
}

conformance() { # conformance LANGUAGE
  local out=$results/$server.$1 status=0 ok skipped broken
  echo "--- conformance, $1"
  driver "$1" | tee "$out" || status=$?
  ok=$(grep -c '^ok ' "$out" || true) skipped=$(grep -c '^skip ' "$out" || true) broken=$(grep -c '^FAIL ' "$out" || true)
  sed -n 's/^ok //p; s/^\(skip\|FAIL\) \([^:]*\):.*/\2/p' "$out" | sort >"$work/reported"
  cases_of "$1" | sort | diff - "$work/reported" || { echo "run.sh: these cases are not reported once each (<: never, >: too often)"; status=1; }
  echo "figure: $server, $1: $ok ok, $skipped skipped, $broken failed$(reasons "$out")"
  ((status == 0 && broken == 0)) || failed=$((failed + 1))
}

# reasons FILE: why cases were skipped, and how many for each reason.
reasons() {
  sed -n 's/^skip [^:]*: needs //p' "$1" | sort | uniq -c | awk '{ n = $1; $1 = ""; s = s sprintf("%s%s: %d", s == "" ? " (needs" : ",", $0, n) } END { if (s != "") print s ")" }'
}

# program NAME COMMAND...: must end well within two minutes; says all that it said if it does not.
program() {
  local name=$1 status=0
  shift
  timeout -k 5 120 "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  if ((status == 0)) && [ -n "${compare-}" ]; then diff "$compare" "$work/out" >"$work/difference" || status=1; fi
  if ((status == 0)); then
    echo "ok $name" | tee -a "$results/$server.programs"
    return
  fi
  failed=$((failed + 1))
  echo "FAIL $name: status $status" | tee -a "$results/$server.programs"
  sed 's/^/    | /' "$work/out" "$work/err"
  [ ! -s "$work/difference" ] || sed 's/^/    /' "$work/difference"
}

story() { # story LANGUAGE NAME
  local compare=examples/expected/$2.txt command
  case $1 in
    c) command=("$TESTS/gcc/examples/$2") ;;
    python) command=("${python[@]}" "examples/python/$2.py") ;;
    swift) command=("$swift_examples/$2") ;;
  esac
  program "example $1 $2" "${command[@]}" --kubeconfig "$KUBECONFIG"
}

contract() { # contract LANGUAGE
  case $1 in
    c)
      program "contract agent.c" "$TESTS/gcc/agent" --kubeconfig "$KUBECONFIG" --seconds 1
      program "contract loop.c" "$TESTS/gcc/loop" --kubeconfig "$KUBECONFIG"
      ;;
    python) program "contract script.py" "${python[@]}" Tests/contract/script.py --kubeconfig "$KUBECONFIG" ;;
    swift) program "contract main.swift" "$swift_bin/contract-swift" --kubeconfig "$KUBECONFIG" ;;
  esac
}

for language in $languages; do conformance "$language"; done
: >"$results/$server.programs"
echo "--- programs"
for language in $languages; do
  contract "$language"
  for story in examples/expected/*.txt; do story "$language" "$(basename "$story" .txt)"; done
done
echo "figure: $server, contract and examples: $(grep -c '^ok ' "$results/$server.programs" || true) ok," \
  "$(grep -c '^FAIL ' "$results/$server.programs" || true) failed"
((failed == 0))
