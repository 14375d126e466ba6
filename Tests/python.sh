#!/usr/bin/env bash
# The Python package: its tests under every Python from 3.9 to 3.13 that is found, and mypy --strict and pyright over package,
# examples and contract. STAGE: where the library is installed.
#
#   python.sh [DISCOVER-ARGUMENT...]     such as -k NAME
#
# Exit status 3: the type checkers can't be had on this machine (pip); all else was run.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=${STAGE:-$PWD/.build-release/stage}
export KUBECR_LIBRARY=$stage/lib/libkubecr.so.0 PYTHONPATH=$PWD/bindings/python PYTHONDONTWRITEBYTECODE=1
[ -e "$KUBECR_LIBRARY" ] || { echo "the library is not installed in $stage"; exit 1; }

pythons=()
seen=" "
for candidate in "$(command -v python3)" /usr/bin/python3 "$HOME"/.pyenv/versions/3.*/bin/python3 $(compgen -c python3. | grep -x 'python3\.[0-9]*' | sort -u || true); do
  version=$("$candidate" -c 'import ctypes, sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  case $version in 3.9 | 3.1[0-3]) ;; *) continue ;; esac
  [[ $seen == *" $version "* ]] && continue
  seen+="$version "
  pythons+=("$candidate")
done
((${#pythons[@]})) || { echo "there is no Python from 3.9 to 3.13"; exit 1; }

tests=0
for python in "${pythons[@]}"; do
  echo "--- $("$python" --version) ($python)"
  out=$(timeout -s ABRT 200 "$python" -X dev -W error -m unittest discover -s bindings/python/tests -t bindings/python "$@" 2>&1) || {
    echo "$out"
    exit 1
  }
  tail -n 3 <<<"$out"
  tests=$(sed -n 's/^Ran \([0-9]*\) tests.*/\1/p' <<<"$out")
done
echo "figure: $tests tests under Python$seen"

echo "--- types"
venv=$PWD/.build-release/python-venv
if ! "$venv/bin/pyright" --version >/dev/null 2>&1; then
  rm -rf "$venv"
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" -q install mypy 'pyright[nodejs]' && "$venv/bin/pyright" --version; }; then
    rm -rf "$venv"
    echo "mypy and pyright can't be had: python3 -m venv or pip did not do it"
    exit 3
  fi
fi
export MYPYPATH=$PWD/bindings/python:$PWD/examples/python:$PWD/Tests/conformance
for files in 'bindings/python/kubecr/*.py' 'examples/python/*.py' Tests/contract/script.py Tests/conformance/conformance.py; do
  # shellcheck disable=SC2086 # the pattern is meant
  "$venv/bin/mypy" --strict --cache-dir "$venv/mypy" $files
done
"$venv/bin/pyright" -p bindings/python
echo "figure: mypy --strict and pyright have nothing to say"
